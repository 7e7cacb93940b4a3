/** Passphrases: typed on a terminal that does not show them, and taken from nowhere else. */
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

export const PASSPHRASE_CHARACTERS_MIN = 10;
const PASSPHRASE_BYTES_MAX = 1024;

const KEYS = { end: 0x03, close: 0x04, erase: 0x08, newline: 0x0a, enter: 0x0d, clear: 0x15, backspace: 0x7f } as const;

/** @throws CliError (77) where there is no terminal that can be kept from showing it */
export function requireTerminal(io: Io, what: string): void {
  if (io.stdin.isTTY === true && io.stderr.isTerminal && io.stdin.setRawMode !== undefined) return;
  throw new CliError({
    what: `${what} needs a terminal.`,
    why: "A passphrase is typed by a person: it is not read from a pipe, an argument or the environment.",
    try: "the same command on a terminal",
    code: "NO_TERMINAL",
    exit: exitCodes.notPermitted,
  });
}

/** In NFC, so that it opens the same key from every keyboard. */
export async function passphraseFrom(io: Io, question: string): Promise<string> {
  requireTerminal(io, "This");
  io.stdin.setRawMode?.(true);
  io.stderr.write(`${question}: `);
  try {
    return (await hiddenLine(io)).normalize("NFC");
  } finally {
    io.stdin.setRawMode?.(false);
    io.stderr.write("\n");
  }
}

/** Asks twice. */
export async function newPassphrase(io: Io, name: string): Promise<string> {
  const passphrase = await passphraseFrom(io, `New passphrase of ${name}`);
  if (passphrase.length < PASSPHRASE_CHARACTERS_MIN)
    throw unusable(`A passphrase has ${PASSPHRASE_CHARACTERS_MIN} characters or more.`);
  if ((await passphraseFrom(io, "The same again")) !== passphrase) throw unusable("The two are not the same.");
  return passphrase;
}

const unusable = (why: string): CliError =>
  new CliError({ what: "No key was made.", why, code: "PASSPHRASE_UNUSABLE", exit: exitCodes.usage });

const interrupted = (): CliError =>
  new CliError({
    what: "Nothing was done.",
    why: "The passphrase was not given.",
    code: "INTERRUPTED",
    exit: exitCodes.interrupted,
  });

function hiddenLine({ stdin, stopping }: Io): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: number[] = [];
    const leave = (): void => {
      stdin.off("data", onData).off("end", onEnd).pause();
      stopping.removeEventListener("abort", onEnd);
    };
    const onEnd = (): void => {
      leave();
      reject(interrupted());
    };
    const onData = (chunk: Uint8Array | string): void => {
      const bytes = Buffer.from(chunk);
      for (const [i, byte] of bytes.entries()) {
        const taken = take(typed, byte);
        if (taken === "more") continue;
        if (taken === "end") return onEnd();
        leave();
        if (i + 1 < bytes.length) stdin.unshift(bytes.subarray(i + 1));
        const text = Buffer.from(typed).toString("utf8");
        typed.fill(0);
        return resolve(text);
      }
    };
    stdin.on("data", onData).on("end", onEnd).resume();
    stopping.addEventListener("abort", onEnd);
  });
}

function take(typed: number[], byte: number): "more" | "done" | "end" {
  switch (byte) {
    case KEYS.newline:
    case KEYS.enter:
      return "done";
    case KEYS.end:
    case KEYS.close:
      return "end";
    case KEYS.clear:
      typed.length = 0;
      return "more";
    case KEYS.erase:
    case KEYS.backspace: {
      // A character of several bytes goes as a whole.
      while (((typed.pop() ?? 0) & 0xc0) === 0x80);
      return "more";
    }
    default:
      if (byte >= 0x20 && typed.length < PASSPHRASE_BYTES_MAX) typed.push(byte);
      return "more";
  }
}
