/** What a person may tell the run from where it is: only what its machine allows, each with what comes of it. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ActionAllowed } from "../../http/shapes/run-page.ts";
import { type Problem, problemOf, tell } from "../api.ts";
import { Fault } from "../parts.tsx";
import { Link } from "../router.ts";
import { actionCall, ACTION_WORDS } from "./action-words.ts";
import { Panel, Verbatim } from "./panel.tsx";
import { runPath } from "./use-run.ts";

type ActionsProps = {
  readonly run: string;
  readonly actions: readonly ActionAllowed[];
  /** How often a key asked for the first that resumes or releases. */
  readonly asked: number;
  readonly done: () => void;
};

type Answer = { readonly says: string; readonly new_run: string | null };

export function Actions({ run, actions, asked, done }: ActionsProps): JSX.Element | null {
  const [answer, setAnswer] = useState<Answer | null>(null);
  if (actions.length === 0 && answer === null) return null;
  const first = actions.find(({ action }) => action !== "cancel");
  return (
    <Panel id="actions" title="What you can tell it">
      {answer === null ? null : (
        <p class="run-notice is-good" role="status">
          <bdi>{answer.says}</bdi>
          {answer.new_run === null ? null : (
            <>
              {" "}
              <Link href={`/runs/${answer.new_run}`}>The new run</Link>
            </>
          )}
        </p>
      )}
      {actions.map((allowed) => (
        <Action
          key={allowed.action}
          run={run}
          allowed={allowed}
          asked={allowed === first ? asked : 0}
          done={(given) => {
            setAnswer(given);
            done();
          }}
        />
      ))}
    </Panel>
  );
}

type ActionProps = {
  readonly run: string;
  readonly allowed: ActionAllowed;
  readonly asked: number;
  readonly done: (answer: Answer) => void;
};

const REASON_LENGTH_MAX = 1000;

function Action({ run, allowed: { action, says }, asked, done }: ActionProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (asked > 0) setOpen(true);
  }, [asked]);
  useLayoutEffect(() => {
    if (isOpen) field.current?.focus();
  }, [isOpen, asked]);
  const word = ACTION_WORDS[action];
  const send = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const { verb, body } = actionCall(action, reason);
    try {
      const answer = await tell<Answer>(runPath(run, `/${verb}`), body);
      setReason("");
      setOpen(false);
      done(answer);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const id = `action-${action}`;
  return (
    <div class="run-action">
      <p>
        <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {word}…
        </button>{" "}
        <Verbatim text={says} />
      </p>
      {isOpen ? (
        <form class="run-form" aria-label={word} onSubmit={(event) => event.preventDefault()}>
          <label for={id}>Why; it stands in the evidence</label>
          <input
            id={id}
            ref={field}
            type="text"
            autocomplete="off"
            maxLength={REASON_LENGTH_MAX}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          {problem === null ? null : <Fault problem={problem} />}
          <div class="run-buttons">
            <button
              type="button"
              class="run-confirm"
              disabled={reason.trim() === "" || isBusy}
              onClick={() => void send()}
            >
              {word}
            </button>
            <button type="button" onClick={() => setOpen(false)}>
              Not now
            </button>
            {reason.trim() === "" ? <span class="run-quiet">wants a reason</span> : null}
          </div>
        </form>
      ) : null}
    </div>
  );
}
