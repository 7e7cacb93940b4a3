/** What the generator makes: files, and what a verifier has to say of those that are cases. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Level, VerifyCode } from "../../../src/evidence/verify.ts";

export const CONFORMANCE = fileURLToPath(new URL("../", import.meta.url));
export const readCase = (path: string): Uint8Array => readFileSync(`${CONFORMANCE}${path}`);

/** A log has no level. */
export type Expected = { readonly level?: Level; readonly codes: readonly (VerifyCode | "LOG_UNUSABLE")[] };
/** By path below `test/conformance`, without an ending. */
export type Expectations = Readonly<Record<string, Expected>>;
/** By path below `test/conformance`. */
export type Files = Readonly<Record<string, string | Uint8Array>>;
export type Made = { readonly files: Files; readonly expected: Expectations };

export const merge = (parts: readonly Made[]): Made => ({
  files: Object.assign({}, ...parts.map(({ files }) => files)),
  expected: Object.assign({}, ...parts.map(({ expected }) => expected)),
});

export const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
