/** What the running daemon knows of a desk's approvers, and how a person has the next one know another first one. */
import path from "node:path";
import { z } from "zod";
import { readApprovers } from "../adapters/approver-keys.ts";
import { pinnedRoot, takePinAway } from "../adapters/approver-pin.ts";
import { DeskBusy, deskHolder, lockDesk } from "../adapters/desk-lock.ts";
import { answerOf } from "./client.ts";
import type { DeskPlace } from "./desk-finder.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { lineFrom } from "./prompt.ts";
import { daemonApi, liveDaemon, type Session, withApi } from "./session.ts";

const Settled = z.looseObject({
  root: z.string().nullable(),
  unsettled: z.string().nullable(),
  approvers: z.array(z.looseObject({ name: z.string(), fingerprint: z.string() })),
  refused: z.array(z.looseObject({ name: z.string(), reason: z.string() })),
});
const Desk = Settled.extend({ workspace: z.string() });
const Desks = z.looseObject({ items: z.array(Desk) });

/** By the daemon's memory while it runs; else by the folder alone. */
export async function settledApprovers(
  desk: DeskPlace,
): Promise<{ readonly settled: z.infer<typeof Settled>; readonly isLive: boolean }> {
  const live = (await liveDaemon(desk.dir)) === undefined ? undefined : await ofDaemon(desk);
  if (live !== undefined) return { settled: live, isLive: true };
  return { settled: Settled.parse(readApprovers(desk.dir, desk.name, undefined)), isLive: false };
}

const ofDaemon = (desk: DeskPlace): Promise<z.infer<typeof Desk> | undefined> =>
  withApi(daemonApi(desk), async (api) => {
    const { items } = await answerOf(api, Desks, "GET", "/api/approvers");
    return items.find(({ workspace }) => workspace === desk.name);
  });

/** The person has the next start trust another first approver. No daemon takes part in it: whoever reaches its socket may be an agent. */
export async function resetApprovers({ io, out }: Session, { dir, name }: DeskPlace): Promise<void> {
  const runtime = path.join(dir, ".qoc");
  if ((await liveDaemon(dir)) !== undefined || deskHolder(runtime) !== undefined) throw daemonRuns();
  const pinned = pinnedRoot(runtime);
  if (pinned === undefined) throw nothingToReset();
  const { root, unsettled } = readApprovers(dir, name, undefined);
  out.note(`The approvers of this desk rest on the key ${pinned}.`);
  out.note(
    root === null
      ? `After the reset the next start trusts nobody as things lie. ${unsettled ?? "No key is there: qoc approver add NAME"}`
      : `After the reset the next start trusts what it meets. As things lie that is ${root}: compare it with what you kept.`,
  );
  if ((await lineFrom(io, `Type the name of the desk in full: ${name}\n> `)) !== name) {
    throw new CliError({
      what: "Nothing was changed.",
      why: "That is not the desk's name.",
      code: "NOT_CONFIRMED",
      exit: exitCodes.no,
    });
  }
  const was = whileStopped(runtime, () => takePinAway(runtime));
  out.result("qoc.approver.reset/1", { workspace: name, was: was ?? null, next: root }, () =>
    [
      `${pinned} is no longer the root of the approvers.`,
      "The next start says in its log and in inbox/ whom it trusts.",
    ].join("\n"),
  );
}

/** A daemon may have begun to start while the person typed. */
function whileStopped<T>(runtime: string, work: () => T): T {
  try {
    const lock = lockDesk(runtime);
    try {
      return work();
    } finally {
      lock.release();
    }
  } catch (thrown) {
    throw thrown instanceof DeskBusy ? daemonRuns() : thrown;
  }
}

const daemonRuns = (): CliError =>
  new CliError({
    what: "The daemon runs.",
    why: "Whom a daemon trusts is not changed while it runs.",
    try: "qoc stop",
    code: "DAEMON_RUNNING",
    exit: exitCodes.tryLater,
  });

const nothingToReset = (): CliError =>
  new CliError({
    what: "There is nothing to reset.",
    why: "No daemon of this desk trusts a first approver yet.",
    try: "qoc approver list",
    code: "NOT_NOW",
    exit: exitCodes.tryLater,
  });
