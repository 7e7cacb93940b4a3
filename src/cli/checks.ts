/** What `qoc doctor` looks at: each check says what it found and, where that is wrong, what to type. */
import { existsSync, statSync, statfsSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../core/assert.ts";
import { readDaemonFile } from "../http/control-address.ts";
import { agentChecks } from "./agent-checks.ts";
import { StatusAnswer } from "./answers.ts";
import { type Check, counted, good, warning, wrong } from "./check.ts";
import { answerOf, answers, socketApi } from "./client.ts";
import { clockCheck } from "./clock-check.ts";
import { readConfig } from "./configuration.ts";
import type { DeskPlace } from "./desk-finder.ts";
import { doorChecks } from "./door-checks.ts";
import type { Session } from "./session.ts";
import { keyChecks } from "./key-checks.ts";
import { modeChecks } from "./mode-checks.ts";
import { runChecksOf } from "./run-checks.ts";
import { signatureChecks } from "./signature-checks.ts";
import { witnessChecks } from "./witness-checks.ts";

const DISK_FREE_BYTES_LOW = 256 * 1024 * 1024;
export async function runChecks(session: Session, desk: DeskPlace): Promise<readonly Check[]> {
  return [
    nodeCheck(process.versions.node),
    configCheck(session, desk),
    ...(await agentsOf(session, desk)),
    ...modeChecks(desk.dir),
    ...keyChecks(desk.dir),
    diskCheck(desk),
    clockCheck(desk.dir, session.io.now()),
    await storeCheck(session, desk),
    ...(await daemonChecks(desk)),
    ...witnessesOf(session, desk),
  ];
}

async function agentsOf({ io }: Session, desk: DeskPlace): Promise<readonly Check[]> {
  const loaded = readConfig(desk, io);
  if (loaded.kind !== "config") return [];
  return [...(await agentChecks(desk.dir, loaded.desk, io)), ...(await runChecksOf(desk, loaded.desk))];
}

function witnessesOf({ io }: Session, desk: DeskPlace): readonly Check[] {
  const loaded = readConfig(desk, io);
  return loaded.kind === "config" ? witnessChecks(desk.dir, loaded.desk.evidence.witness) : [];
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return enough ? good("node", version) : wrong("node", `${version} is too old`, "install Node 20.19 or later");
}

function configCheck({ io }: Session, desk: DeskPlace): Check {
  const loaded = readConfig(desk, io);
  if (loaded.kind === "config") {
    const [first, ...more] = loaded.desk.warnings;
    return first === undefined
      ? good("configuration", `${counted(loaded.desk.webhooks.length, "webhook")}, every secret is set`)
      : warning("configuration", [first, ...more].join("; "), "qoc config check");
  }
  return wrong("configuration", `${counted(loaded.problems.length, "problem")} in ${desk.file}`, "qoc config check");
}

function diskCheck({ dir }: DeskPlace): Check {
  const { bavail, bsize } = statfsSync(dir);
  const says = `${Math.round((bavail * bsize) / 1024 / 1024)} MiB free`;
  return bavail * bsize >= DISK_FREE_BYTES_LOW
    ? good("disk", says)
    : warning("disk", says, "make room: below disk_free_min senders get 503");
}

async function storeCheck({ parts }: Session, desk: DeskPlace): Promise<Check> {
  if (!existsSync(path.join(desk.dir, ".qoc", "store"))) return good("store", "none yet: the first `qoc up` makes it");
  try {
    const store = await parts.openStore(desk.dir);
    const { actors, unfinished } = store.stats();
    await store.close();
    return good("store", `${counted(actors, "actor")}, ${unfinished} unfinished`);
  } catch (error) {
    return wrong("store", reasonOf(error), "qoc store restore --from FILE");
  }
}

const needsYou = (runs: number): string => (runs === 1 ? "1 needs you" : `${runs} need you`);

async function daemonChecks(desk: DeskPlace): Promise<readonly Check[]> {
  const file = readDaemonFile(desk.dir);
  if (file === undefined) return [warning("daemon", "not running", "qoc up")];
  if (!(await answers(file.socket)))
    return [warning("daemon", `process ${file.pid} is gone; it did not stop in order`, "qoc up")];
  const mode = statSync(file.socket).mode & 0o777;
  const socket =
    (mode & 0o077) === 0
      ? good("socket", file.socket)
      : wrong("socket", `mode 0${mode.toString(8)}`, `chmod 600 ${file.socket}`);
  const status = await answerOf(socketApi(file.socket), StatusAnswer, "GET", "/api/status");
  const mine = status.workspaces.find((workspace) => workspace.dir === desk.dir);
  const needy = mine?.runs.needs_me ?? 0;
  return [
    socket,
    status.ready
      ? good("daemon", `ready, ${status.ingress ?? "no ingress"}`)
      : warning("daemon", "not ready", "qoc ready"),
    ...(await doorChecks(file)),
    ...(mine === undefined ? [] : signatureChecks(mine)),
    needy === 0 ? good("runs", "none needs you") : warning("runs", needsYou(needy), "qoc runs list --needs-me"),
  ];
}
