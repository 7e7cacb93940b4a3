/** Where a run is, why, and what would move it: one paragraph for a person, and the commands that it speaks of. Pure. */
import type { Instant } from "../core/ids.ts";
import type { JournalRow, RunDetail } from "./shapes/runs.ts";

export type Why = { readonly paragraph: string; readonly commands: readonly string[] };

export function whyOf(run: RunDetail, now: Instant): Why {
  const { sentence, commands } = stateOf(run, now);
  return { paragraph: [sentence, ...asides(run)].join(" "), commands };
}

type Said = { readonly sentence: string; readonly commands: readonly string[] };

function stateOf(run: RunDetail, now: Instant): Said {
  if (run.parked !== null) {
    return {
      sentence:
        `set aside since ${clock(run.parked.at)}: ${run.parked.reason}. ` +
        "What it was told since is kept, and is told again when you resume it once the cause is gone.",
      commands: ["qoc logs --run " + run.run, `qoc runs resume ${run.run} --reason TEXT`],
    };
  }
  const since = clock(sinceOf(run));
  const id = run.run;
  switch (run.state.split(".")[0] ?? run.state) {
    case "held":
      return {
        sentence: `held since ${since}: ${heldFor(run)}. ${untilOf(run, now, "It goes on without it")}`,
        commands: [`qoc runs release ${id} --reason TEXT`, `qoc runs cancel ${id} --reason TEXT`],
      };
    case "executing":
      return executing(run, since, now);
    case "awaiting-approval":
      return {
        sentence:
          `awaiting approval since ${since}: its drafts need a person's decision, and nothing is sent before each is decided. ` +
          untilOf(run, now, "What is undecided expires, which denies it,"),
        commands: [`qoc approve ${id}`, `qoc reject ${id} --reason TEXT`, `qoc runs cancel ${id} --reason TEXT`],
      };
    case "dispatching":
      return { sentence: `dispatching its approved drafts since ${since}.`, commands: [`qoc runs watch ${id}`] };
    case "reporting":
      return {
        sentence: `its work is over (${run.outcome ?? "no outcome"}) and its summary is being written since ${since}.`,
        commands: [`qoc runs watch ${id}`],
      };
    case "stuck":
      if (beforeStuck(run) === "dispatching") return stuckOverOrder(run, since);
      return {
        sentence:
          `stuck in ${beforeStuck(run)} since ${since}: the daemon stopped while the work was under way; ` +
          "whether it acted is unknown; it is not repeated on its own.",
        commands: [`qoc runs resume ${id} --reason TEXT`, `qoc runs cancel ${id} --reason TEXT`],
      };
    case "sealing":
      return {
        sentence: `its work is over (${run.outcome ?? "no outcome"}) and its evidence is being sealed since ${since}.`,
        commands: [`qoc runs watch ${id}`],
      };
    case "sealed":
      return {
        sentence:
          `sealed at ${clock(run.sealed_at ?? sinceOf(run))}, ${run.outcome ?? "no outcome"}${failure(run)}. Nothing moves it any more.` +
          (run.snapshot === null ? "" : ` Its summary is ${run.snapshot}.`),
        commands: [
          `qoc envelope verify ${run.run} --explain`,
          ...(run.task !== null && ENDED_SHORT.has(run.outcome ?? "")
            ? [`qoc run ${run.task} --reason TEXT    (a new run of the task, which is not told this delivery)`]
            : []),
        ],
      };
    case "erasing":
      return {
        sentence: `being erased since ${since}, on a person's word${failure(run)}. It is tried until it is done, also over a restart.`,
        commands: [`qoc runs watch ${id}`],
      };
    case "erased":
      return {
        sentence:
          `erased at ${since}, on a person's word: ${run.erased?.reason ?? "no reason is known"}. What it was told and what it kept is gone; ` +
          "its sealed evidence stays as a pack that opens nothing, and it takes no work again.",
        commands: [`qoc envelope verify ${id} --explain`],
      };
    case "refused":
      return { sentence: `refused at ${since}: its signature did not verify, nothing was done.`, commands: [] };
    default:
      return {
        sentence: `${run.state} since ${since}: the daemon is about to step it on.`,
        commands: [`qoc runs watch ${id}`],
      };
  }
}

/** An order that may be at the broker. */
const stuckOverOrder = (run: RunDetail, since: string): Said => ({
  sentence:
    `stuck in dispatching since ${since}${unclear(run)}: an approved order may have been sent; whether it was is unknown; it is not sent ` +
    "again on its own. To resume asks the connector what it knows of the order before anything else, and sends it only " +
    "if the connector says that it never saw it. If the connector cannot tell, look at your broker and say what became of it.",
  commands: [
    `qoc runs resume ${run.run} --reason TEXT`,
    `qoc runs resume ${run.run} --order executed|failed --reason TEXT`,
    `qoc runs cancel ${run.run} --reason TEXT`,
  ],
});

function unclear(run: RunDetail): string {
  const last = run.journal.flatMap((row) => row.observations).findLast((each) => each.name === "order_unclear")?.value;
  const said = typeof last === "object" && last !== null && "reason" in last ? last["reason"] : undefined;
  return typeof said === "string" ? ` (${said})` : "";
}

function executing(run: RunDetail, since: string, now: Instant): Said {
  const commands = [`qoc runs watch ${run.run}`, `qoc runs cancel ${run.run} --reason TEXT`];
  const work =
    run.task === null
      ? "its work is under way"
      : `its agent works on issues/${run.task}.md, or waits until another agent of this desk is done`;
  if (run.waiting_for !== "retry") return { sentence: `executing since ${since}: ${work}.`, commands };
  const tries = run.journal.filter((row) => row.event === "EFFECT_FAILED").length;
  const failed = `backing off since ${since} after ${times(tries, "failed attempt")}${failure(run)}.`;
  return { sentence: `${failed} ${untilOf(run, now, "It tries again")}`, commands };
}

function heldFor(run: RunDetail): string {
  return run.waiting_for === "context"
    ? "no full commit hash is known for it, and this webhook waits for a delivery that brings one"
    : "the delivery before it has not arrived, and this webhook waits for it";
}

function untilOf(run: RunDetail, now: Instant, what: string): string {
  if (run.waiting_until === null) return "No time limit is set.";
  const left = Date.parse(run.waiting_until) - now;
  return left > 0
    ? `${what} at ${clock(run.waiting_until)}, in ${span(left)}.`
    : `${what}: that was due at ${clock(run.waiting_until)}.`;
}

/** What came beside the ordinary: repeats, conflicts, suspected replays, arrival out of order. */
function asides(run: RunDetail): readonly string[] {
  const seen = (name: string): number =>
    run.journal.flatMap((row) => row.observations).filter((o) => o.name === name).length;
  const conflicts = seen("conflict_received");
  const replays = seen("replay_suspected");
  return [
    ...(run.duplicates > 0 ? [`It was delivered again ${times(run.duplicates, "time")}; the work was done once.`] : []),
    ...(conflicts > 0
      ? [`${times(conflicts, "delivery", "deliveries")} came under its id with other bytes: look at the journal.`]
      : []),
    ...(replays > 0
      ? [
          `Its bytes came again under another id ${times(replays, "time")} (a suspected replay); if that was a second event, ` +
            `\`qoc runs release ${run.run} --as-new --reason TEXT\` makes a run of it.`,
        ]
      : []),
  ];
}

/** The reason of the last failure, of work or of an order, as its observation words it. */
function failure(run: RunDetail): string {
  const last = run.journal
    .flatMap((row) => row.observations)
    .findLast(({ name, value }) => name === "effect_failed" || (name === "order_dispatched" && reasonIn(value) !== ""));
  const reason = typeof last?.value === "string" ? last.value : reasonIn(last?.value);
  return reason === "" ? "" : ` (${reason.replace(/\.$/, "")})`;
}

function reasonIn(value: unknown): string {
  const reason = typeof value === "object" && value !== null && "reason" in value ? value.reason : undefined;
  return typeof reason === "string" ? reason : "";
}

/** When it entered the state that it is in: the first of its last rows that lead there. */
export function sinceOf(run: RunDetail): string {
  const elsewhere = run.journal.findLastIndex((row) => row.to !== run.state);
  const entered: JournalRow | undefined = run.journal[elsewhere + 1] ?? run.journal.at(-1);
  return entered?.at ?? run.received_at;
}

const beforeStuck = (run: RunDetail): string =>
  run.journal.findLast((row) => row.to.startsWith("stuck") && !row.from?.startsWith("stuck"))?.from?.split(".")[0] ??
  "executing";

/** Of these a person may want another run. */
const ENDED_SHORT: ReadonlySet<string> = new Set(["failed", "expired", "cancelled"]);

const times = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
const clock = (iso: string): string => iso.replace("T", " ").replace(/\.\d+Z$/, "Z");

/** A span of time in its two largest units: "2 h 5 min". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return "0 s";
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}
