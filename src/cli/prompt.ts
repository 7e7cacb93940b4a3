/** Asks a person, on a terminal only; each question names the flag that answers it beforehand. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { usage } from "./errors.ts";
import type { Io } from "./io.ts";

export async function askFor(io: Io, flag: string, question: string): Promise<string> {
  const missing = usage(
    `${flag} is missing.`,
    `${question} It is asked for only on a terminal.`,
    `the same command with ${flag} TEXT`,
  );
  if (io.stdin.isTTY !== true || !io.stderr.isTerminal) throw missing;
  const answer = await lineFrom(io, `${question} (${flag}) `);
  if (answer !== "") return answer;
  throw missing;
}

/** What a person types, without the spaces round it. The caller has seen that there is a terminal. */
export async function lineFrom(io: Io, question: string): Promise<string> {
  const shown = new Writable({
    write: (chunk, _encoding, done) => {
      io.stderr.write(String(chunk));
      done();
    },
  });
  const lines = createInterface({ input: io.stdin, output: shown });
  try {
    return (await lines.question(question, { signal: io.stopping })).trim();
  } finally {
    lines.close();
  }
}
