/**
 * The effect behind every agent run: its summary in `snapshots/`, its task's file kept current, and a page in the inbox when something
 * went wrong. Each part is made whole, and is the same when it is made again.
 */
import { hash } from "node:crypto";
import { z } from "zod";
import { assert, reasonOf } from "../core/assert.ts";
import { allTold, birthOf } from "../core/delivery-journal.ts";
import type { DeliveryEvent } from "../core/delivery.ts";
import { sha256Of } from "../core/ids.ts";
import type { ArtifactRef, Json } from "../core/observation.ts";
import type { Artifact, Effect, EffectCall, EffectOutcome, Entry, Store } from "../engine/ports.ts";
import { frontMatter } from "./front-matter.ts";
import { quotation } from "./markdown.ts";
import { type Page, type PlacePage, writtenAs } from "./page.ts";
import { runReport, type RunReport } from "./run-report.ts";

export type ReportWorld = {
  readonly store: Pick<Store, "read" | "journal" | "artifact">;
  readonly place: PlacePage;
  /** Brings the task's file up to date; gives a sentence when it could not, and then a person's file is as it was. */
  readonly closeTask: (task: string, outcome: string, summary: string) => Promise<string | null>;
  readonly now: () => number;
  readonly warn: (says: string) => void;
};

const READ_BYTES_MAX = 64 * 1024;

export const writeReport = (world: ReportWorld): Effect => ({
  repeatable: true,
  concurrency: 4,
  perform: (call) => write(world, call),
});

async function write(world: ReportWorld, call: EffectCall): Promise<EffectOutcome> {
  const { store, place, closeTask, now, warn } = world;
  const began = now();
  const record = store.read(call.address);
  assert(record !== undefined, "an effect belongs to an actor");
  const journal = store.journal(call.address);
  const report = runReport(record, journal, askedIn(call.params), lastWordsIn(journal, store));
  const file = await place("snapshots", report.page);
  const wrote = [writtenAs(file, report.page)];
  if (report.alarms) {
    const alarm = alarmOf(report, journal, file);
    wrote.push(writtenAs(await place("inbox", alarm), alarm));
  }
  const fault = await closeTask(report.task, report.outcome, report.summary).catch(reasonOf);
  if (fault !== null) warn(`issues/${report.task}.md does not have the summary of its run: ${fault}`);
  const snapshot = artifactOf(report.page.bytes);
  const event: DeliveryEvent = {
    type: "REPORTED",
    effect: call.id,
    file,
    step: {
      kind: "run_summary",
      status: fault === null ? "succeeded" : "failed",
      exit_code: null,
      started_at: new Date(began).toISOString(),
      finished_at: new Date(now()).toISOString(),
      artifacts: [snapshot.ref.sha256],
    },
    artifacts: [snapshot.ref],
    wrote,
  };
  return { event, artifacts: [snapshot] };
}

const Asked = z.object({ outcome: z.string(), reason: z.string().nullable() });
const askedIn = (params: Json): z.infer<typeof Asked> => Asked.parse(params);

/** The end of what the agent wrote, of its last launch. */
function lastWordsIn(journal: readonly Entry[], store: ReportWorld["store"]): string {
  const told = [...allTold(journal, "EFFECT_DONE"), ...allTold(journal, "EFFECT_FAILED")];
  const said = told.flatMap(({ artifacts }) => artifacts).findLast(({ kind }) => kind === "agent_stdout");
  const bytes = said === undefined ? undefined : store.artifact(said.sha256);
  return bytes === undefined ? "" : new TextDecoder().decode(bytes.subarray(-READ_BYTES_MAX)).trimEnd();
}

function alarmOf({ task, outcome, summary }: RunReport, journal: readonly Entry[], snapshot: string): Page {
  const { run, webhook, received_at } = birthOf(journal);
  const head = frontMatter([
    ["kind", "run"],
    ["status", "new"],
    ["webhook", webhook],
    ["task", task],
    ["event", `run.${outcome}`],
    ["received_at", new Date(received_at).toISOString()],
    ["run", run],
    ["snapshot", snapshot],
  ]);
  const stamp = new Date(received_at).toISOString().slice(0, 19).replaceAll(":", "-");
  return {
    names: [run.slice(0, 8), run].map((id) => `${stamp}Z-run-${id}.md`),
    bytes: Buffer.from(
      [head, quotation(summary), `\`qoc why ${run}\` says more; the whole summary is ${snapshot}.\n`].join("\n"),
    ),
  };
}

function artifactOf(bytes: Uint8Array): Artifact {
  const sha256 = sha256Of(hash("sha256", bytes, "hex"));
  const ref: ArtifactRef = {
    sha256,
    kind: "snapshot",
    media_type: "text/markdown",
    bytes: bytes.byteLength,
    class: "internal",
  };
  return { ref, bytes };
}
