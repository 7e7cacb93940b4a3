/** Runs `qoc` in this process: a desk in a temporary folder, streams that are kept, and a daemon made of the real API over given runs. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";
import type { ExitCode } from "../../../src/cli/exit-codes.ts";
import { BrokenPipe, type Io } from "../../../src/cli/io.ts";
import type { Parts } from "../../../src/cli/parts.ts";
import { runCli } from "../../../src/cli/program.ts";
import { stoppedApi } from "../../../src/cli/stopped-api.ts";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { createEventHub } from "../../../src/http/events.ts";
import { listenPrivately, writeDaemonFile } from "../../../src/http/control-address.ts";
import type { ControlTarget } from "../../../src/http/control-target.ts";
import { AT, type GivenTarget, type Kept, aTarget, storeOf } from "../http/desk-with-runs.ts";
import { holdAnswers } from "../../support/api-answers.ts";

export const NOW = AT + 60_000;
export const SECRET = "5ca1ab1e";

const DESK_TOML = `name = "equity-desk"

[agent]
command = [${JSON.stringify(process.execPath)}]

[[webhook]]
name = "price-alert"
secret = "env:WEBHOOK_SECRET_PRICE_ALERT"
action = "inbox"

[[webhook]]
name = "risk-breach"
secret = "env:WEBHOOK_SECRET_RISK"
action = "run"
task = "risk-review"
`;

export type Ended = {
  readonly exit: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: () => Record<string, unknown>;
};
export type Given = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Makes stdout and stderr terminals. */
  readonly terminal?: boolean;
  /** The reader of stdout goes after so many writes. */
  readonly brokenAfter?: number;
  readonly runs?: readonly Kept[];
  readonly parts?: Partial<Parts>;
  readonly stopping?: AbortSignal;
  /** Told of all that stands on stdout, after each write. */
  readonly heard?: (stdout: string) => void;
};

export type World = {
  readonly dir: string;
  readonly qoc: (args: string, given?: Given) => Promise<Ended>;
  /** Starts the daemon's API for this desk. `ingress` is where it says that deliveries go. */
  readonly daemon: (
    runs: readonly Kept[],
    changes?: Partial<ControlTarget>,
    ingress?: string,
    now?: () => number,
  ) => Promise<GivenTarget>;
  readonly write: (file: string, text: string, mode?: number) => string;
  readonly close: () => Promise<void>;
};

export function cliWorld(): World {
  const dir = mkdtempSync(path.join(tmpdir(), "qoc-cli-"));
  const closers: (() => Promise<unknown>)[] = [];
  const write = (file: string, text: string, mode = 0o644): string => {
    const whole = path.join(dir, file);
    mkdirSync(path.dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    chmodSync(whole, mode);
    return whole;
  };
  write("desk.toml", DESK_TOML);
  write(".env.qoc", `WEBHOOK_SECRET_PRICE_ALERT=${SECRET}\nWEBHOOK_SECRET_RISK=other\n`, 0o600);
  return {
    dir,
    write,
    qoc: (args, given = {}) => qoc(dir, args, given),
    daemon: async (runs, changes = {}, ingress = "http://127.0.0.1:1", now = () => NOW) => {
      const target = aTarget(runs, changes);
      const app = buildApiApp({
        target,
        clock: { now },
        events: createEventHub(target, "e1"),
        entropy: { bytes: (count) => new Uint8Array(count) },
        complain: (_says, reason) => {
          throw reason;
        },
      });
      holdAnswers(app);
      const socket = path.join(dir, ".qoc", "c.sock");
      await listenPrivately(socket, (at) => app.listen({ path: at }));
      writeDaemonFile(dir, {
        pid: process.pid,
        socket,
        ingress,
        console: null,
        started_at: new Date(AT).toISOString(),
      });
      closers.push(() => app.close());
      return target;
    },
    close: async () => {
      for (const close of closers.splice(0)) await close();
      rmSync(dir, { recursive: true });
    },
  };
}

const none = (what: string) => (): Promise<never> => Promise.reject(new Error(`${what} is not there`));

async function qoc(dir: string, args: string, given: Given): Promise<Ended> {
  const written = { stdout: "", stderr: "", writes: 0 };
  const sink = (name: "stdout" | "stderr") => ({
    isTerminal: given.terminal === true,
    write: (text: string | Uint8Array): void => {
      if (name === "stdout" && written.writes++ >= (given.brokenAfter ?? Infinity)) throw new BrokenPipe();
      written[name] += typeof text === "string" ? text : Buffer.from(text).toString("utf8");
      if (name === "stdout") given.heard?.(written.stdout);
    },
  });
  const io: Io = {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    stdin: Object.assign(Readable.from(given.stdin === undefined ? [] : [given.stdin]), {
      isTTY: given.terminal === true,
    }),
    env: { PATH: process.env["PATH"], ...given.env },
    cwd: given.cwd ?? dir,
    now: () => NOW,
    sleep: () => Promise.resolve(),
    random: (count) => new Uint8Array(count).fill(9),
    stopping: given.stopping ?? new AbortController().signal,
    onHangup: () => () => undefined,
  };
  const store = { ...storeOf(given.runs ?? []), close: () => Promise.resolve() };
  const parts: Parts = {
    start: none("the daemon"),
    openStore: () => Promise.resolve(store),
    stoppedApi: (desk, within) => stoppedApi(desk, store, within),
    backup: none("a backup"),
    restore: none("a backup"),
    rotateKeys: none("a key"),
    beginEpoch: none("a log"),
    openBrowser: none("a browser"),
    ...given.parts,
  };
  const exit = await runCli(words(args), io, parts, "0.1.0");
  const { stdout, stderr } = written;
  return { exit, stdout, stderr, json: () => z.record(z.string(), z.unknown()).parse(JSON.parse(stdout)) };
}

/** Splits at spaces; what stands in single quotes is one word. */
const words = (args: string): readonly string[] =>
  [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
