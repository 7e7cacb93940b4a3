/** One decision over one draft. It stands for the digest that it was made with: of another one there is another form, and nothing typed. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type DecisionWord, REASON_LENGTH_MAX } from "../../approval/decision-words.ts";
import type { DraftsView, DraftView } from "../../http/shapes/drafts.ts";
import { Problem, problemOf } from "../api.ts";
import { Fault } from "../parts.tsx";
import { digestShown, isTyped, TYPED_CHARACTERS } from "./confirmed.ts";
import { decideDraft, NotSigned } from "./decide.ts";
import type { DecisionAsked } from "./drafts.tsx";
import { KeyFields } from "./key-fields.tsx";

type FormProps = {
  readonly drafts: DraftsView;
  readonly draft: DraftView;
  readonly asked: DecisionAsked | null;
  readonly done: (says: string) => void;
  /** Also told when another decision has taken this form away meanwhile. */
  readonly refused: (problem: Problem) => void;
  readonly reload: () => void;
};

const WORDS = { approve: "Approve", reject: "Reject" } as const;

export function DecisionForm({ drafts, draft, asked, done, refused, reload }: FormProps): JSX.Element {
  const [decision, setDecision] = useState<DecisionWord | null>(null);
  useLayoutEffect(() => {
    if (asked !== null && digestShown(draft, asked.decision) !== null) setDecision(asked.decision);
  }, [asked?.turn]);
  const close = (): void => setDecision(null);
  return (
    <div class="run-decide">
      <div class="run-buttons">
        {(["approve", "reject"] as const).map((word) => (
          <button
            key={word}
            type="button"
            class={word === "approve" ? "run-approve" : "run-reject"}
            aria-expanded={decision === word}
            disabled={digestShown(draft, word) === null}
            onClick={() => setDecision(decision === word ? null : word)}
          >
            {WORDS[word]}…
          </button>
        ))}
      </div>
      {decision === null ? null : (
        <Typed key={decision} {...{ drafts, draft, decision, done, refused, reload, close }} turn={asked?.turn ?? 0} />
      )}
    </div>
  );
}

type TypedProps = Omit<FormProps, "asked"> & {
  readonly decision: DecisionWord;
  readonly close: () => void;
  readonly turn: number;
};

function Typed({ drafts, draft, decision, done, refused, reload, close, turn }: TypedProps): JSX.Element {
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const passphrase = useRef<HTMLInputElement>(null);
  // The digest of the view that this form was opened on, and of no later one.
  const [digest] = useState(() => digestShown(draft, decision) ?? "");
  useLayoutEffect(() => first.current?.focus(), [turn]);
  const isSigned = drafts.approval?.require === "signed";
  const [hasPassphrase, setHasPassphrase] = useState(false);
  const missing = [
    ...(isTyped(typed, digest) ? [] : [`the first ${TYPED_CHARACTERS} characters of the digest`]),
    ...(decision === "reject" && reason.trim() === "" ? ["a reason"] : []),
    ...(isSigned && file === null ? ["your key file"] : []),
    ...(isSigned && !hasPassphrase ? ["its passphrase"] : []),
  ];
  const forget = (): void => {
    if (passphrase.current !== null) passphrase.current.value = "";
    setHasPassphrase(false);
  };
  const send = async (): Promise<void> => {
    if (missing.length > 0 || busy !== null) return;
    const unlock =
      isSigned && file !== null ? { file, passphrase: passphrase.current?.value ?? "", progress: setBusy } : null;
    forget();
    setBusy(0);
    setProblem(null);
    try {
      const { says } = await decideDraft(drafts, { draft: draft.draft, decision, digest, reason }, unlock);
      setFile(null);
      close();
      done(says);
    } catch (thrown) {
      setBusy(null);
      const said = thrown instanceof NotSigned ? new Problem(0, "NOT_SIGNED", thrown.message) : problemOf(thrown);
      setProblem(said);
      refused(said);
      if (said.code !== "DRAFT_CHANGED") return;
      setTyped("");
      reload();
    }
  };
  const id = `decide-${draft.draft}-${decision}`;
  return (
    <form
      class="run-form"
      aria-label={`${WORDS[decision]} draft ${draft.draft}`}
      onSubmit={(event) => event.preventDefault()}
    >
      <label for={`${id}-typed`}>
        To {decision} draft {draft.draft}, type the first {TYPED_CHARACTERS} characters of the digest above
      </label>
      <input
        id={`${id}-typed`}
        ref={first}
        class="run-typed"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxLength={64}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <label for={`${id}-reason`}>
        {decision === "reject" ? "Why it is rejected" : "Why (optional)"}; it stands in the evidence
      </label>
      <textarea
        id={`${id}-reason`}
        rows={2}
        maxLength={REASON_LENGTH_MAX}
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      {isSigned ? (
        <KeyFields id={id} file={file} setFile={setFile} passphrase={passphrase} typed={setHasPassphrase} />
      ) : null}
      {busy === null || !isSigned ? null : (
        <p role="status">
          Opening the key… <progress max={1} value={busy} aria-label="opening the key" />
        </p>
      )}
      {problem === null ? null : <Fault problem={problem} />}
      <div class="run-buttons">
        <button
          type="button"
          class={decision === "approve" ? "run-approve" : "run-reject"}
          disabled={missing.length > 0 || busy !== null}
          onClick={() => void send()}
        >
          {WORDS[decision]} draft {draft.draft}
        </button>
        <button type="button" onClick={close}>
          Not now
        </button>
        {missing.length === 0 ? null : <span class="run-quiet">wants {missing.join(", ")}</span>}
      </div>
    </form>
  );
}
