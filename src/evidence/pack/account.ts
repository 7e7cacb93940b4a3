/** The account of a chain's leaves: each one in clear, opened by a disclosure, or closed by a receipt, and nothing else sent. */
import { canonical } from "../../core/canonical.ts";
import type { IJsonValue } from "../../core/json.ts";
import { commitmentOf } from "../chain.ts";
import { sha256Base64url } from "../hashes.ts";
import { isOpen } from "../leaves.ts";
import { base64url } from "../platform.ts";
import { firstOf, type Finding, type VerifyCode } from "../verify-codes.ts";
import { readDisclosure, type Disclosure } from "./disclosure.ts";
import { isOfGenesis } from "./opening.ts";
import type { ChainLink, Pack, Receipt } from "./pack.ts";

type Committed = { readonly seq: number; readonly commitment: string };

export type Account = {
  /** Every pointer of the chain once, in its order, with the value that is shown; undefined for a closed leaf. */
  readonly leaves: ReadonlyMap<string, IJsonValue | undefined>;
  /** The first of each code. */
  readonly findings: readonly Finding[];
};

const finding = (code: VerifyCode, at: string): Finding => ({ code, at });

export function settle(chain: readonly ChainLink[], { disclosures, redactions }: Pack): Account {
  const findings: Finding[] = [];
  const clear = new Map<string, IJsonValue>();
  const committed = new Map<string, Committed>();
  for (const [seq, { open, fields }] of chain.entries())
    for (const [pointer, value] of [...open, ...fields]) {
      if (clear.has(pointer) || committed.has(pointer)) findings.push(finding("POINTER_REPEATED", pointer));
      if (value instanceof Uint8Array) committed.set(pointer, { seq, commitment: base64url(value) });
      else clear.set(pointer, value);
    }
  const receipted = new Set(redactions.map(({ path }) => path));
  const opened = new Map<string, IJsonValue>();
  const strays: { readonly at: string; readonly disclosure: Disclosure }[] = [];
  for (const [index, sent] of disclosures.entries()) {
    const at = `/disclosures/${index}`;
    const disclosure = readDisclosure(sent);
    if (disclosure === undefined) findings.push(finding("DISCLOSURE_MALFORMED", at));
    else if (committed.get(disclosure.pointer)?.commitment !== sha256Base64url(sent)) strays.push({ at, disclosure });
    else opened.set(disclosure.pointer, disclosure.value);
  }
  const closed = [...committed.keys()].filter((pointer) => !opened.has(pointer));
  const unaccounted = closed.filter((pointer) => !receipted.has(pointer));
  const leaves = new Map<string, IJsonValue | undefined>(clear);
  for (const pointer of committed.keys()) leaves.set(pointer, opened.get(pointer));
  return {
    leaves,
    findings: firstOf(
      findings,
      checkOrder(disclosures, "/disclosures"),
      checkOrder(
        redactions.map(({ path }) => path),
        "/redactions",
      ),
      checkReceipts(redactions, committed, opened),
      unaccounted.map((pointer) => finding("LEAF_UNACCOUNTED", pointer)),
      closed.filter(isOfGenesis).map((pointer) => finding("GENESIS_CLOSED", pointer)),
      checkStrays(strays, committed, unaccounted),
      checkClasses(clear, committed, opened),
    ),
  };
}

/** Ascending by UTF-16 code unit and each once: one pack has one spelling. */
function* checkOrder(texts: readonly string[], at: string): Iterable<Finding> {
  for (const [index, text] of texts.entries())
    if (index > 0 && text <= (texts[index - 1] ?? "")) yield finding("PACK_UNSORTED", `${at}/${index}`);
}

function* checkReceipts(
  redactions: readonly Receipt[],
  committed: ReadonlyMap<string, Committed>,
  opened: ReadonlyMap<string, IJsonValue>,
): Iterable<Finding> {
  for (const [index, { path, seq, commitment }] of redactions.entries()) {
    const ours = committed.get(path);
    if (ours?.seq !== seq || ours.commitment !== base64url(commitment))
      yield finding("RECEIPT_MISMATCH", `/redactions/${index}`);
    if (opened.has(path)) yield finding("LEAF_TWICE", path);
  }
}

/** A disclosure that the chain does not hold: what it would have been. Only the first is looked into, so that no pack costs its square. */
function* checkStrays(
  strays: readonly { readonly at: string; readonly disclosure: Disclosure }[],
  committed: ReadonlyMap<string, Committed>,
  unaccounted: readonly string[],
): Iterable<Finding> {
  const [first] = strays;
  if (first !== undefined) {
    const { salt, value } = first.disclosure;
    const json = canonical(value);
    const relabelled = unaccounted.some(
      (other) => commitmentOf(salt, other, json) === committed.get(other)?.commitment,
    );
    if (relabelled) {
      yield finding("DISCLOSURE_RELABELLED", first.at);
      return;
    }
  }
  const missing = new Set(unaccounted);
  for (const { at, disclosure } of strays)
    yield finding(missing.has(disclosure.pointer) ? "DISCLOSURE_MISMATCH" : "DISCLOSURE_FOREIGN", at);
}

/** Of a closed leaf only the pointer is known, so a closed `signature_verified` is not held against being open. */
function* checkClasses(
  clear: ReadonlyMap<string, IJsonValue>,
  committed: ReadonlyMap<string, Committed>,
  opened: ReadonlyMap<string, IJsonValue>,
): Iterable<Finding> {
  const nameOf = (index: number): string | undefined => {
    const name = clear.get(`/observations/${index}/name`);
    return typeof name === "string" ? name : undefined;
  };
  for (const [pointer, value] of clear)
    if (!isOpen(pointer, canonical(value), nameOf)) yield finding("LEAF_MISCLASSED", pointer);
  for (const pointer of committed.keys()) {
    const value = opened.get(pointer);
    if (isOpen(pointer, value === undefined ? "" : canonical(value), nameOf)) yield finding("LEAF_MISCLASSED", pointer);
  }
}
