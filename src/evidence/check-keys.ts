/** Whom a reader trusts: the keys that were given, those that they authorised in the log, and where in the log each of them may sign. */
import { knownKeyOf, type KnownKey } from "./keys.ts";
import { includedIn, type Trusted } from "./check-checkpoint.ts";
import { checkKeyLeaf } from "./log/key-leaf.ts";
import { readLeaf } from "./log/leaf.ts";
import { readProof } from "./log/proof.ts";
import type { Finding } from "./verify-codes.ts";
import type { VerifyPolicy } from "./verify-policy.ts";

export type Trust = { readonly keys: readonly Trusted[]; readonly findings: readonly Finding[] };

/** `origin` is the seal's. What is wrong with a key or its receipt takes nothing from what the others show. */
export function trustOf({ keys = [], keyReceipts = [] }: VerifyPolicy, origin: string): Trust {
  const findings: Finding[] = [];
  const known: KnownKey[] = [];
  for (const [index, given] of keys.entries()) {
    const key = knownKeyOf(given);
    if (key === undefined) findings.push({ code: "KEY_UNUSABLE", at: `key ${index + 1}` });
    else if (known.every(({ keyid }) => keyid !== key.keyid)) known.push(key);
  }
  let trusted: readonly Trusted[] = known.map((key) => ({ key, from: undefined, until: undefined }));
  for (const [index, receipt] of keyReceipts.entries()) {
    const next = withKeyOf(receipt, origin, trusted);
    if (next === undefined) findings.push({ code: "KEY_UNAUTHORISED", at: `key receipt ${index + 1}` });
    else trusted = next;
  }
  return { keys: trusted, findings };
}

/** Undefined when the receipt holds nothing that the trusted keys authorised while they were the log's. */
function withKeyOf(receipt: string, origin: string, trusted: readonly Trusted[]): readonly Trusted[] | undefined {
  const proof = readProof(receipt);
  const leaf = proof?.extra === undefined ? undefined : readLeaf(proof.extra);
  if (proof?.extra === undefined || leaf?.kind !== "key") return undefined;
  const old = trusted.find(({ key, until }) => key.keyid === leaf.prev && until === undefined);
  const next = old === undefined ? undefined : checkKeyLeaf(leaf, origin, [old.key]);
  if (old === undefined || next === undefined) return undefined;
  const known = trusted.find(({ key }) => key.keyid === next.keyid);
  if (known !== undefined && (known.from !== undefined || known.until !== undefined)) return undefined;
  // The old key signs up to the checkpoint that ends with this leaf, the new one from there on: either may vouch for it.
  const { index } = proof;
  const others = trusted.filter((one) => one !== known && one !== old);
  const turned = (epoch: number): readonly Trusted[] => [
    ...others,
    { ...old, until: { epoch, index } },
    { key: next, from: { epoch, index }, until: undefined },
  ];
  const logged = includedIn(proof, proof.extra, origin, turned);
  if (logged === undefined) return undefined;
  const { from } = old;
  const isAfter =
    from === undefined || logged.epoch > from.epoch || (logged.epoch === from.epoch && index > from.index);
  return isAfter ? turned(logged.epoch) : undefined;
}
