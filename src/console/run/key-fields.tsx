/** The key file and the passphrase. Both stay in this page; the passphrase stays in its field, and is never a state of anything. */
import type { JSX, Ref } from "preact";

type KeyProps = {
  readonly id: string;
  readonly file: File | null;
  readonly setFile: (file: File | null) => void;
  readonly passphrase: Ref<HTMLInputElement>;
  /** Whether there is anything in it. */
  readonly typed: (has: boolean) => void;
};

const PASSPHRASE_LENGTH_MAX = 1024;

export const KeyFields = ({ id, file, setFile, passphrase, typed }: KeyProps): JSX.Element => (
  <fieldset
    class="run-key"
    onDragOver={(event) => event.preventDefault()}
    onDrop={(event) => {
      event.preventDefault();
      setFile(event.dataTransfer?.files[0] ?? null);
    }}
  >
    <legend>Signed in this page, with your own key</legend>
    <label for={`${id}-key`}>
      Key file, <code>.qoc/approvers/NAME.key</code>: choose it or drop it here
    </label>
    <input id={`${id}-key`} type="file" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />
    {file === null ? null : (
      <span class="run-quiet">
        <bdi>{file.name.slice(0, 80)}</bdi>
      </span>
    )}
    <label for={`${id}-passphrase`}>Its passphrase</label>
    <input
      id={`${id}-passphrase`}
      ref={passphrase}
      type="password"
      autocomplete="off"
      maxLength={PASSPHRASE_LENGTH_MAX}
      onInput={(event) => typed(event.currentTarget.value !== "")}
    />
    <p class="run-quiet">Neither leaves this page: what is sent is the signed decision.</p>
  </fieldset>
);
