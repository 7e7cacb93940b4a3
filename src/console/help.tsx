/** The keys, in a dialog. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

const KEYS: readonly (readonly [keys: readonly string[], says: string])[] = [
  [["j", "k"], "next and previous row"],
  [["Enter"], "open it"],
  [["Esc"], "back"],
  [["/"], "filter"],
  [["[", "]"], "older and newer: a step of the replay"],
  [["a"], "approve a draft of this run"],
  [["x"], "reject a draft of this run"],
  [["r"], "resume this run"],
  [["v"], "verify this run's envelope"],
  [["?"], "these keys"],
];

const shown = signal(false);

export const showHelp = (): void => {
  shown.value = true;
};

export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = shown.value;
  useEffect(() => {
    if (isShown && dialog.current?.open === false) dialog.current.showModal();
  }, [isShown]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={() => (shown.value = false)}>
      <div class="panel-head">
        <h2 id="help-title">Keys</h2>
        <button type="button" class="small" onClick={() => dialog.current?.close()}>
          close
        </button>
      </div>
      <dl class="keys">
        {KEYS.map(([keys, says]) => (
          <div key={says}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        In a field, and together with Ctrl, Alt or Meta, keys do what they always do. Enter never approves.
      </p>
    </dialog>
  );
}
