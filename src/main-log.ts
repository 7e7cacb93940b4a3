/**
 * The daemon's log: pino, one JSON line a journal row, in `.qoc/log/daemon.ndjson` of the desk that it is about. It is handed ids,
 * states and our own sentences only: no body, header value or secret has a way in.
 */
import { hash } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import pino from "pino";
import { machineOf, nameOf, type Address } from "./core/ids.ts";
import type { LogLevel } from "./config/desk-config.ts";
import type { Change } from "./engine/ports.ts";
import type { IngressReport } from "./http/ingress-report.ts";

export type DeskLog = {
  readonly rows: (change: Change) => void;
  readonly refused: (report: IngressReport & { readonly kind: "refused" }) => void;
  readonly complain: (says: string, about: { readonly address?: Address; readonly reason: string }) => void;
  readonly info: (says: string, about?: object) => void;
  readonly warn: (says: string, about?: object) => void;
  /** Writes out what is buffered. */
  readonly flush: () => void;
};

/** Lines wait at most this long in memory: a crash may lose them, the journal loses nothing. */
const FLUSH_MS = 250;
const BUFFER_BYTES = 8 * 1024;

export function openDeskLog(dir: string, level: LogLevel): DeskLog {
  const folder = path.join(dir, ".qoc", "log");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = pino.destination({
    dest: path.join(folder, "daemon.ndjson"),
    mkdir: true,
    mode: 0o600,
    sync: false,
    minLength: BUFFER_BYTES,
    periodicFlush: FLUSH_MS,
  });
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, file);
  return {
    rows: ({ record, entries }) => {
      // The address of a subject has words of the sender's in it.
      if (!log.isLevelEnabled("info") || !SHOWN.has(machineOf(record.address))) return;
      const [run, draft] = nameOf(record.address).split("/");
      for (const { seq, event, from, to, by } of entries)
        if (draft === undefined) log.info({ run, seq, event, from, to, by });
        else log.info({ run, draft, seq, event, from, to, by });
    },
    refused: ({ code, detail, endpoint, address, fault, cause }) => {
      const why = fault === null ? {} : { fault, ...(cause === null ? {} : { cause: cause.says, sure: cause.sure }) };
      log.warn({ code, detail, ...why, webhook: endpoint?.webhook.name, address }, "request refused");
    },
    complain: (says, { address, reason }) => log.warn({ actor: address && actorNamed(address), reason }, says),
    info: (says, about = {}) => log.info(about, says),
    warn: (says, about = {}) => log.warn(about, says),
    flush: () => file.flushSync(),
  };
}

/** Machines whose addresses are made of ids of ours. */
const NAMED_BY_IDS: ReadonlySet<string> = new Set(["delivery", "notice", "notification", "order"]);
/** Machines whose every step is a line. */
const SHOWN: ReadonlySet<string> = new Set(["delivery", "order"]);
/** A subject is named by a hash: its address has words of the sender's in it. */
const actorNamed = (address: Address): string =>
  NAMED_BY_IDS.has(machineOf(address))
    ? address
    : `${machineOf(address)}/${hash("sha256", address, "hex").slice(0, 16)}`;
