/** The library's word on a case: what `verify.py` says of the same files, by the same names. */
import { existsSync, readFileSync } from "node:fs";
import { isPack, verifyPack } from "../../src/evidence/pack/verify-pack.ts";
import { verify, type VerifyPolicy } from "../../src/evidence/verify.ts";
import type { Policy } from "./generator/policies.ts";
import { readCase } from "./generator/case.ts";

export type Told = {
  readonly ok: boolean;
  readonly level: string;
  readonly codes: readonly string[];
  readonly witnesses: readonly string[];
};

export function judge(bytes: Uint8Array, policy: VerifyPolicy): Told {
  const { ok, level, codes, witnesses } = (isPack(bytes) ? verifyPack : verify)(bytes, policy);
  return { ok, level, codes: [...codes].toSorted(), witnesses };
}

const text = (path: string): string => Buffer.from(readCase(path)).toString();

/** The policy with its files read. */
export function policyOf({
  keys,
  receipt,
  key_receipts,
  held,
  witnesses,
  witnesses_min,
  ...rest
}: Policy): VerifyPolicy {
  return {
    keys: keys.map(text),
    ...(rest.origin === undefined ? {} : { origin: rest.origin }),
    ...(rest.artifacts === undefined ? {} : { artifact: artifactsIn(rest.artifacts) }),
    ...(receipt === undefined ? {} : { receipt: text(receipt) }),
    ...(key_receipts === undefined ? {} : { keyReceipts: key_receipts.map(text) }),
    ...(witnesses === undefined ? {} : { witnesses }),
    ...(witnesses_min === undefined ? {} : { witnessesMin: witnesses_min }),
    ...(held === undefined
      ? {}
      : {
          held: {
            checkpoint: text(held.checkpoint),
            consistency: held.consistency.map((hash) => Buffer.from(hash, "base64")),
          },
        }),
  };
}

const artifactsIn =
  (folder: string) =>
  (sha256: string): Uint8Array | undefined => {
    const file = new URL(`${folder}/${sha256}`, import.meta.url);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
