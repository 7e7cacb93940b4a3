/** One run on one page: chart, timeline, payload beside facts, signature, drafts, envelope, and what a person can tell it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { RunPage as RunShown } from "../../http/shapes/run-page.ts";
import type { Problem } from "../api.ts";
import { useKeys } from "../keys.ts";
import { Empty, Fault, Waiting } from "../parts.tsx";
import { go, Link } from "../router.ts";
import { Actions } from "./actions.tsx";
import { ChartPanel } from "./chart-panel.tsx";
import { isOpen } from "./confirmed.ts";
import { type DecisionAsked, Drafts } from "./drafts.tsx";
import { Envelope } from "./envelope.tsx";
import { Panel } from "./panel.tsx";
import { Payload } from "./payload.tsx";
import { ReplayBar, stepped } from "./replay-bar.tsx";
import { RunHead } from "./run-head.tsx";
import { Timeline } from "./timeline.tsx";
import { useReplay } from "./use-replay.ts";
import { useRun } from "./use-run.ts";

export function RunPage({ id }: { readonly id: string }): JSX.Element {
  const { page, problem, again } = useRun(id);
  const shown = page.value;
  if (shown === null)
    return (
      <div class="run-page">
        <Back />
        {problem.value === null ? <Waiting what="the run" /> : <Absent id={id} problem={problem.value} again={again} />}
      </div>
    );
  return (
    <div class="run-page">
      <Back />
      {problem.value === null ? null : <Fault problem={problem.value} retry={again} />}
      <Shown key={shown.run.run} page={shown} again={again} />
    </div>
  );
}

const Back = (): JSX.Element => (
  <p class="run-back">
    <Link href="/runs">← all runs</Link>
  </p>
);

function Absent({
  id,
  problem,
  again,
}: {
  readonly id: string;
  readonly problem: Problem;
  readonly again: () => void;
}): JSX.Element {
  useKeys({ Escape: () => go("/runs") }, "run");
  if (problem.code !== "RUN_UNKNOWN") return <Fault problem={problem} retry={again} />;
  return (
    <Empty
      title="There is no such run."
      why={`No run of the desks served here is called ${id.slice(0, 80)}. It may be of a desk that is not served now.`}
      command="qoc runs list"
    />
  );
}

function Shown({ page, again }: { readonly page: RunShown; readonly again: () => void }): JSX.Element {
  const { run, drafts, delivery, actions } = page;
  const replay = useReplay(run.run);
  const [decision, setDecision] = useState<DecisionAsked | null>(null);
  const [resumes, setResumes] = useState(0);
  const [verifies, setVerifies] = useState(0);
  // What a person tells the run is about now, and so is what is looked at from then on.
  const toldNow = (tell: () => void) => (): void => {
    replay.moveTo(null);
    tell();
  };
  const decide = (word: DecisionAsked["decision"]): void => {
    const open = drafts?.items.find(isOpen);
    if (open !== undefined) setDecision({ draft: open.draft, decision: word, turn: (decision?.turn ?? 0) + 1 });
  };
  const step = (by: -1 | 1): void => replay.moveTo(stepped(page, replay.seq.value, by));
  useKeys(
    {
      a: toldNow(() => decide("approve")),
      x: toldNow(() => decide("reject")),
      r: toldNow(() => setResumes(resumes + 1)),
      v: () => setVerifies(verifies + 1),
      "[": () => step(-1),
      "]": () => step(1),
      Escape: () => (replay.seq.value === null ? go("/runs") : replay.moveTo(null)),
    },
    "run",
  );
  const past = replay.past.value;
  const seq = past?.seq ?? null;
  return (
    <>
      <RunHead page={page} />
      {drafts === null || drafts.items.length === 0 ? null : <Drafts drafts={drafts} asked={decision} reload={again} />}
      <Actions run={run.run} actions={actions} asked={resumes} done={again} />
      <ReplayBar page={page} replay={replay} />
      <div class={seq === null ? undefined : "run-in-past"}>
        <ChartPanel
          chart={past?.chart ?? page.chart}
          rows={seq === null ? run.journal : run.journal.filter((row) => row.seq <= seq)}
          isPast={seq !== null}
        />
        <Timeline journal={run.journal} at={replay.seq.value} moveTo={replay.moveTo} />
        {delivery === null ? (
          <NoDelivery isErased={run.erased !== null} />
        ) : (
          <Payload delivery={delivery} past={past?.facts ?? null} />
        )}
      </div>
      <Envelope run={run} asked={verifies} />
    </>
  );
}

/** What was erased is said at the head of the page. */
function NoDelivery({ isErased }: { readonly isErased: boolean }): JSX.Element | null {
  if (isErased) return null;
  return (
    <Panel id="payload" title="Payload as received">
      <Empty title="No payload." why="No delivery began this run: a person did, or another run's agent." />
    </Panel>
  );
}
