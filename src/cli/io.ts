/** The world of a command, handed to it: so that every command runs in a test without a process. */
import type { Readable } from "node:stream";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

export type Sink = {
  /** Throws `BrokenPipe` once the reader has gone. */
  readonly write: (text: string | Uint8Array) => void;
  readonly isTerminal: boolean;
};

export type Io = {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** `setRawMode` stops a terminal from showing what is typed. */
  readonly stdin: Readable & { readonly isTTY?: boolean; readonly setRawMode?: (raw: boolean) => unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly now: () => number;
  /** Resolves after this time, or at once when the signal is set. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: (bytes: number) => Uint8Array;
  /** Set on the first SIGINT or SIGTERM, and when the reader of stdout goes; its reason is the exit code. */
  readonly stopping: AbortSignal;
  /** Calls back at each SIGHUP. Returns how to leave. */
  readonly onHangup: (call: () => void) => () => void;
};

/** The reader of stdout is gone (`qoc … | head`): the command ends quietly. */
export class BrokenPipe extends Error {
  constructor() {
    super("the reader of the output has gone");
    this.name = "BrokenPipe";
  }
}

/** The token of the agent run that this process belongs to, as its daemon set it; undefined outside of a run. */
export const runToken = ({ env }: Pick<Io, "env">): string | undefined => env["QOC_RUN_TOKEN"] || undefined;

export async function readStdin(io: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** The exit code of a command that a signal ended. */
export function stopCode(stopping: AbortSignal): ExitCode {
  if (stopping.reason === exitCodes.terminated) return exitCodes.terminated;
  // The reader of the output has gone: no error of anybody's.
  return stopping.reason === exitCodes.ok ? exitCodes.ok : exitCodes.interrupted;
}
