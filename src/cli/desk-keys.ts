/**
 * The evidence keys of a desk as they lie on the disk: the current one, those before it, and the receipts by which each authorised the
 * next. Nothing of it is believed here; `verify` checks the receipts against the key that it is told to trust.
 */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { knownKeyOf } from "../evidence/keys.ts";
import type { KeyLeaf } from "../evidence/log/key-leaf.ts";
import { nextKeyid } from "../evidence/log/key-chain.ts";
import { readLeaf } from "../evidence/log/leaf.ts";
import { readProof } from "../evidence/log/proof.ts";
import { readBeside } from "./read-beside.ts";

/** `receipt` is the text by which the key before it authorised this one; null for the first, and where it is missing. */
export type DeskKey = {
  readonly keyid: string;
  readonly pem: string;
  readonly state: "current" | "retired";
  readonly receipt: string | null;
  /** The number of its leaf in the log; null without a receipt. */
  readonly since: number | null;
  /** The keyid of the one before it. */
  readonly prev: string | null;
};

/** Whom a reader trusts, as `verify` takes it: keys, and receipts that lead on from them, the oldest first. */
export type KeyTrust = { readonly keys: readonly string[]; readonly keyReceipts: readonly string[] };

const KEY_FILE_BYTES_MAX = 1024 * 1024;

export const keysFolder = (dir: string): string => path.join(dir, ".qoc", "keys");
/** The keys of the desk that a file of `.qoc/evidence` belongs to. */
export const keysBeside = (file: string): string => path.join(path.dirname(file), "..", "keys");

/** Each one authorised by the one before it, the first being the oldest; those that no receipt joins to the others come before. */
export function readDeskKeys(folder: string): readonly DeskKey[] {
  const retired = path.join(folder, "retired");
  const found = [
    ...namesIn(retired).flatMap((name) => keyIn(folder, path.join(retired, name), "retired")),
    ...keyIn(folder, path.join(folder, "evidence.pub"), "current"),
  ];
  // A rotation that a crash stopped may have left one key under both names.
  const keys = found.filter(({ keyid }, at) => found.findLastIndex((other) => other.keyid === keyid) === at);
  const last = keys.find(({ state }) => state === "current");
  const chain = last === undefined ? [] : chainTo(last, keys);
  return [...keys.filter((key) => !chain.includes(key)).toSorted(bySince), ...chain];
}

/**
 * Without a trusted key the desk's first one: what was sealed with a later one holds by its receipts alone. With one, that key and what it
 * authorised.
 */
export function trustIn(keys: readonly DeskKey[], trusted?: string): KeyTrust {
  const keyid = trusted === undefined ? keys[0]?.keyid : knownKeyOf(trusted)?.keyid;
  const from = keys.findIndex((key) => key.keyid === keyid);
  const first = trusted ?? keys[0]?.pem;
  if (first === undefined) return { keys: [], keyReceipts: [] };
  const after = from === -1 ? [] : keys.slice(from + 1);
  const gap = after.findIndex(({ prev }, at) => prev !== (after[at - 1]?.keyid ?? keyid));
  const joined = gap === -1 ? after : after.slice(0, gap);
  return { keys: [first], keyReceipts: joined.flatMap(({ receipt }) => receipt ?? []) };
}

/** As far back as receipts lead; a circle of them ends where it began. */
function chainTo(last: DeskKey, keys: readonly DeskKey[]): readonly DeskKey[] {
  const chain = [last];
  for (let at: DeskKey | undefined = last; at !== undefined;) {
    const { prev }: DeskKey = at;
    at = keys.find((key) => key.keyid === prev && !chain.includes(key));
    if (at !== undefined) chain.unshift(at);
  }
  return chain;
}

const bySince = (a: DeskKey, b: DeskKey): number => (a.since ?? -1) - (b.since ?? -1);

function keyIn(folder: string, file: string, state: DeskKey["state"]): readonly DeskKey[] {
  const pem = textIn(file);
  const keyid = pem === undefined ? undefined : knownKeyOf(pem)?.keyid;
  if (pem === undefined || keyid === undefined) return [];
  const receipt = textIn(path.join(folder, `${keyid}.tlog-proof`));
  const authorised = receipt === undefined ? undefined : leafIn(receipt, keyid);
  if (receipt === undefined || authorised === undefined)
    return [{ keyid, pem, state, receipt: null, since: null, prev: null }];
  return [{ keyid, pem, state, receipt, since: authorised.index, prev: authorised.leaf.prev }];
}

/** What the receipt says, when it is about this key. */
function leafIn(receipt: string, keyid: string): { readonly leaf: KeyLeaf; readonly index: number } | undefined {
  const proof = readProof(receipt);
  const leaf = proof?.extra === undefined ? undefined : readLeaf(proof.extra);
  if (proof === undefined || leaf?.kind !== "key" || nextKeyid(leaf) !== keyid) return undefined;
  return { leaf, index: proof.index };
}

const textIn = (file: string): string | undefined => readBeside(file, KEY_FILE_BYTES_MAX)?.toString("utf8");

const namesIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.pub$/.test(name)) : [];
