/**
 * Hashes of the console's tokens in `.qoc/console-tokens.json`, so that a page outlives a restart of its daemon. Only the holder of the
 * desk's lock writes here. Losing the file logs everybody out; who can write it could as well ask the control socket for a code.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { z } from "zod";
import { sha256Of } from "../core/ids.ts";
import type { KeptToken, TokenStore } from "../core/token-store.ts";

const TOKENS_FILE = "console-tokens.json";
const FILE_BYTES_MAX = 64 * 1024;
const TOKENS_MAX = 100;

const Kept = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .transform(sha256Of),
  made_at: z.int().nonnegative(),
  used_at: z.int().nonnegative(),
});
const TokensFile = z.strictObject({ tokens: z.array(Kept).max(TOKENS_MAX) });

/** @param runtime the desk's `.qoc` */
export function openConsoleTokens(runtime: string): TokenStore {
  const file = path.join(runtime, TOKENS_FILE);
  return { read: () => tokensIn(file), write: (tokens) => replaceDurably(file, tokens) };
}

function tokensIn(file: string): readonly KeptToken[] {
  try {
    return TokensFile.parse(JSON.parse(boundedText(file))).tokens;
  } catch {
    return [];
  }
}

/** Follows no link, waits for no pipe. */
function boundedText(file: string): string {
  const opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(opened);
    if (!found.isFile() || found.size > FILE_BYTES_MAX) throw new Error("not a file of tokens");
    return readFileSync(opened, "utf8");
  } finally {
    closeSync(opened);
  }
}

/** A crash leaves the old content or the new one, and at most a part, which the next write takes away. */
function replaceDurably(file: string, tokens: readonly KeptToken[]): void {
  const part = `${file}.part`;
  // Made anew: a pipe that lies there would be waited for, and another file would keep its mode.
  rmSync(part, { force: true });
  const opened = openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeFileSync(opened, `${JSON.stringify({ tokens })}\n`);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  renameSync(part, file);
  syncFolder(path.dirname(file));
}

function syncFolder(folder: string): void {
  const opened = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
