/** Every case but the first ones of `envelopes/`, which were sealed once and are kept. */
import { merge, pretty, readCase, type Expectations, type Made } from "./case.ts";
import { moreEnvelopes } from "./envelopes.ts";
import { logs } from "./logs.ts";
import { packs } from "./packs.ts";
import { policies } from "./policies.ts";

/** What lies below these is made here, all of it. */
export const OWNED_FOLDERS = [
  "artifacts",
  "artifacts-swapped",
  "checkpoints",
  "keys",
  "logs",
  "packs",
  "policies",
  "receipts",
  "sealed-by-later-keys",
] as const;

export function all(): Made {
  const made = merge([moreEnvelopes, packs, policies, logs]);
  const known: Expectations = JSON.parse(Buffer.from(readCase("codes.json")).toString());
  const kept = Object.fromEntries(
    Object.entries(known).filter(([name]) => name.startsWith("envelopes/") && !(name in made.expected)),
  );
  const expected = { ...kept, ...made.expected };
  return { files: { ...made.files, "codes.json": pretty(expected) }, expected };
}
