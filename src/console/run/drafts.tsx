/** The drafts of a run and the decisions over them, one at a time: no button decides more than one. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { DecisionWord } from "../../approval/decision-words.ts";
import type { DraftsView, DraftView } from "../../http/shapes/drafts.ts";
import type { Problem } from "../api.ts";
import { Copy, Countdown, Foreign, Moment } from "../parts.tsx";
import { changedFields, commandOf, isOpen, TYPED_CHARACTERS } from "./confirmed.ts";
import { DecisionForm } from "./decision-form.tsx";
import { Fields, Panel, Verbatim } from "./panel.tsx";
import { short } from "./rows.ts";

/** What a key of the page asks for: the form of the draft that was the first open one when it was pressed. `turn` tells one press from the next. */
export type DecisionAsked = { readonly draft: number; readonly decision: DecisionWord; readonly turn: number };

type DraftsProps = {
  readonly drafts: DraftsView;
  readonly asked: DecisionAsked | null;
  readonly reload: () => void;
};

export function Drafts({ drafts, asked, reload }: DraftsProps): JSX.Element {
  return (
    <Panel
      id="drafts"
      title="Drafts"
      aside={
        drafts.expires_at === null ? null : (
          <span class="run-expiry">
            undecided ones expire <Countdown until={drafts.expires_at} before="in " over="now" />
          </span>
        )
      }
    >
      <p class="run-quiet">
        Asked for by run <code>{short(drafts.asked_by.run)}</code> of <Foreign text={drafts.asked_by.webhook} />
        {drafts.asked_by.task === null ? null : (
          <>
            , task <Foreign text={drafts.asked_by.task} />
          </>
        )}
        . {policyWords(drafts)}
      </p>
      {drafts.items.map((draft) => (
        <Draft
          key={draft.draft}
          drafts={drafts}
          draft={draft}
          asked={asked?.draft === draft.draft ? asked : null}
          reload={reload}
        />
      ))}
    </Panel>
  );
}

function policyWords({ approval }: DraftsView): string {
  if (approval === null) return "Nothing of this run can be approved.";
  const people = approval.approvers === 1 ? "one approver" : `${approval.approvers} approvers`;
  return approval.require === "signed"
    ? `Each needs the signature of ${people}.`
    : `Each needs the word of ${people}, unsigned: whoever reaches this daemon can give it.`;
}

type DraftProps = {
  readonly drafts: DraftsView;
  readonly draft: DraftView;
  readonly asked: DecisionAsked | null;
  readonly reload: () => void;
};

/** What was shown before is kept, so that what changed under the eyes of a person is marked. */
function Draft({ drafts, draft, asked, reload }: DraftProps): JSX.Element {
  const shown = useRef(draft);
  const [before, setBefore] = useState<DraftView | null>(null);
  const [says, setSays] = useState<string | null>(null);
  const [lost, setLost] = useState<Problem | null>(null);
  // A key that was pressed over the old view opens no form of the new one.
  const over = useRef<number | null>(null);
  if (shown.current.digest !== draft.digest) {
    const old = shown.current;
    shown.current = draft;
    over.current = asked?.turn ?? null;
    setSays(null);
    if (isOpen(draft)) setBefore(old);
  }
  const changed = before === null ? undefined : changedFields(before, draft);
  const warning = useRef<HTMLParagraphElement>(null);
  // Whoever was about to press the button at the end of the form looks there, and the form is gone.
  useLayoutEffect(() => warning.current?.scrollIntoView({ block: "nearest" }), [before]);
  const title = `draft-${draft.draft}-title`;
  return (
    <article class={isOpen(draft) ? "run-draft is-open" : "run-draft"} aria-labelledby={title}>
      <h3 id={title}>
        Draft {draft.draft}, {draft.state}
      </h3>
      {changed === undefined ? null : (
        <p class="run-notice is-bad" role="alert" ref={warning}>
          This draft changed while you looked at it. What you typed for the old one is gone; what differs is marked.
          Read it again.
        </p>
      )}
      {draft.says === null ? null : (
        <p class="run-sentence">
          <Verbatim text={draft.says} />
        </p>
      )}
      {draft.reason === null ? null : (
        <p class="run-notice is-bad">
          It cannot be sent as it is: <Verbatim text={draft.reason} />
        </p>
      )}
      {draft.changed && draft.digest !== null ? (
        <p class="run-notice">Its file was edited since it was proposed. What is shown is what would be sent.</p>
      ) : null}
      {draft.fields.length === 0 ? null : (
        <Fields
          fields={draft.fields}
          label={`fields of draft ${draft.draft}`}
          whole
          {...(changed === undefined ? {} : { changed })}
        />
      )}
      {draft.limits.length === 0 ? null : (
        <>
          <h4>Limits that hold for it</h4>
          <ul>
            {draft.limits.map((limit, at) => (
              <li key={at}>
                <Verbatim text={limit} />
              </li>
            ))}
          </ul>
        </>
      )}
      <DigestLine draft={draft} />
      {draft.decision === null ? null : <DecisionLine decision={draft.decision} />}
      {lost === null || isOpen(draft) ? null : (
        <div class="run-notice is-bad" role="alert">
          Your decision did not count: <Foreign text={lost.detail} max={2000} />
        </div>
      )}
      {draft.approved_by.length === 0 || draft.decision !== null ? null : (
        <p>
          Approved so far by <bdi>{draft.approved_by.map((by) => by ?? "somebody who did not sign").join(", ")}</bdi>
        </p>
      )}
      {says === null ? null : (
        <p class="run-notice is-good" role="status">
          <bdi>{says}</bdi>
        </p>
      )}
      {isOpen(draft) ? (
        <>
          <DecisionForm
            key={draft.digest ?? "unreadable"}
            drafts={drafts}
            draft={draft}
            asked={asked?.turn === over.current ? null : asked}
            done={(sentence) => {
              setSays(sentence);
              setBefore(null);
              reload();
            }}
            refused={setLost}
            reload={reload}
          />
          <p class="run-quiet">Or in a terminal:</p>
          {draft.digest === null ? (
            <Copy text={commandOf(drafts.run, draft, "reject")} what="the command that rejects this draft" shown />
          ) : (
            <Copy text={commandOf(drafts.run, draft, "approve")} what="the command that approves this draft" shown />
          )}
        </>
      ) : null}
    </article>
  );
}

/** Of one that cannot be read, as it was proposed: that is what a rejection names. */
const DecisionLine = ({ decision }: { readonly decision: NonNullable<DraftView["decision"]> }): JSX.Element => (
  <p>
    {decision.approved ? "Approved" : "Rejected"} by{" "}
    {decision.by === null ? "somebody who did not sign" : <Foreign text={decision.by} />} at <Moment at={decision.at} />
    {decision.reason === "" ? "" : ": "}
    <Foreign text={decision.reason} max={2000} />
  </p>
);

function DigestLine({ draft }: { readonly draft: DraftView }): JSX.Element {
  const digest = draft.digest ?? draft.digest_proposed;
  return (
    <p class="run-digest">
      {draft.digest === null ? "digest as proposed" : "digest"}{" "}
      <code>
        <mark>{digest.slice(0, TYPED_CHARACTERS)}</mark>
        {digest.slice(TYPED_CHARACTERS)}
      </code>{" "}
      <Copy text={digest} what={`the digest of draft ${draft.draft}`} />
    </p>
  );
}
