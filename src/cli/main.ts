#!/usr/bin/env node
/** The process of `qoc`: its streams, its signals, its exit code. What it does stands in `program.ts`. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { version } from "../version.ts";
import { exitCodes } from "./exit-codes.ts";
import { BrokenPipe, type Io, type Sink } from "./io.ts";
import { systemParts } from "./system-parts.ts";
import { runCli } from "./program.ts";

const stopping = new AbortController();

/** The first signal asks for an orderly end; the second ends at once. */
function onSignal(exit: typeof exitCodes.interrupted | typeof exitCodes.terminated): void {
  if (stopping.signal.aborted) process.exit(exit);
  stopping.abort(exit);
}
process.on("SIGINT", () => onSignal(exitCodes.interrupted));
process.on("SIGTERM", () => onSignal(exitCodes.terminated));

/** Writes that fail because the reader has gone end the process quietly, whichever way the news comes. */
function sinkOf(stream: NodeJS.WriteStream): Sink {
  let broken = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    broken = true;
    if (stream === process.stdout) stopping.abort(exitCodes.ok);
  });
  return {
    write: (text) => {
      if (broken) throw new BrokenPipe();
      stream.write(text);
    },
    isTerminal: stream.isTTY,
  };
}

const io: Io = {
  stdout: sinkOf(process.stdout),
  stderr: sinkOf(process.stderr),
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  random: randomBytes,
  stopping: stopping.signal,
  onHangup: (call) => {
    process.on("SIGHUP", call);
    return () => process.off("SIGHUP", call);
  },
};

// Not `process.exit`: what is still being written to a pipe would be lost.
process.exitCode = await runCli(process.argv.slice(2), io, systemParts, version);
