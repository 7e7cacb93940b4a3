/** Sealing: from a journal to the bytes of a signed envelope. Pure, so that sealing again after a crash gives the same bytes. */
import { assert } from "../core/assert.ts";
import { amendmentIdOf, amendmentKeyOf } from "./amendment.ts";
import { bodyOf, SCHEMA, type Body, type Identity } from "./body.ts";
import { canonical, quote, writeObject } from "../core/canonical.ts";
import { commitmentOf, genesisHash, linkHash, saltsOf, sealHash, writeLink } from "./chain.ts";
import { writeDraft, type Leaf } from "./draft.ts";
import { signStatement, writeStatement, type Signer } from "./dsse.ts";
import { isoOf, type SealInput, type Transition } from "./journal.ts";
import { isOpen } from "./leaves.ts";

export type Sealed = {
  readonly evidence_id: string;
  readonly seal_hash: string;
  /** The file: RFC 8785 bytes, nothing behind them. */
  readonly bytes: Uint8Array;
};

type Chain = { readonly links: readonly string[]; readonly head: string; readonly committed: number };

export function seal(input: SealInput, signer: Signer): Sealed {
  const { birth, entries, amends } = input;
  const key = keyOf(input);
  const identity = identityOf(input);
  const body = bodyOf(input, identity);
  const leaves: Leaf[] = [];
  const members = Object.entries(body.members).map(
    ([name, draft]) => [name, writeDraft(draft, `/${name}`, leaves)] as const,
  );
  const genesis = genesisHash({ schema: SCHEMA, ...identity, amends: canonical(amends), origin: birth.origin });
  const chain = chainOf(entries, leaves, body, key, genesis);
  const sealText = writeSeal(identity, birth.origin, chain, body.sealed_at);
  const seal_hash = sealHash(sealText);
  const dsse = signStatement(writeStatement(identity.evidence_id, seal_hash, sealText, chain.links), signer);
  const integrity =
    `{"canonicalization":"rfc8785-jcs","disclosure_key":"${Buffer.from(key).toString("base64url")}","dsse":${dsse},` +
    `"hash":"sha-256","hash_chain":[${chain.links.join(",")}],"head_entry_hash":"${chain.head}",` +
    `"seal":${sealText},"seal_hash":"${seal_hash}"}`;
  const bytes = Buffer.from(writeObject([...members, ["integrity", integrity]]));
  return { evidence_id: identity.evidence_id, seal_hash, bytes };
}

function identityOf({ birth, amends }: SealInput): Identity {
  return amends === null
    ? { evidence_id: birth.evidence_id, kind: "envelope" }
    : { evidence_id: amendmentIdOf(amends.evidence_id, amends.ordinal), kind: "amendment" };
}

function keyOf({ birth, amends }: SealInput): Uint8Array {
  const key = Buffer.from(birth.disclosure_key, "base64url");
  assert(key.length === 32, "a disclosure key has 32 bytes");
  return amends === null ? key : amendmentKeyOf(key, amends.ordinal);
}

function chainOf(
  entries: readonly Transition[],
  leaves: readonly Leaf[],
  body: Body,
  key: Uint8Array,
  genesis: string,
): Chain {
  const ofLink = entries.map((): Leaf[] => []);
  for (const leaf of leaves.toSorted((a, b) => (a.pointer < b.pointer ? -1 : 1))) ofLink[leaf.link]?.push(leaf);
  const links: string[] = [];
  let prev = genesis;
  let committed = 0;
  for (const [seq, { at, to }] of entries.entries()) {
    const { open, hidden } = parted(ofLink[seq] ?? [], body.observed);
    const salts = saltsOf(key, seq, hidden.length);
    const fields = hidden.map(
      ({ pointer, json }, index) => [pointer, commitmentOf(salts[index] ?? "", pointer, json)] as const,
    );
    const link = writeLink({ seq, step: to, at: isoOf(at), open, fields, prev });
    links.push(link);
    prev = linkHash(link);
    committed += hidden.length;
  }
  return { links, head: prev, committed };
}

function parted(leaves: readonly Leaf[], observed: readonly string[]) {
  const open: (readonly [pointer: string, json: string])[] = [];
  const hidden: Leaf[] = [];
  for (const leaf of leaves) {
    if (isOpen(leaf.pointer, leaf.json, (index) => observed[index])) open.push([leaf.pointer, leaf.json]);
    else hidden.push(leaf);
  }
  return { open, hidden };
}

const writeSeal = ({ evidence_id, kind }: Identity, origin: string, chain: Chain, sealedAt: string): string =>
  `{"chain_length":${chain.links.length},"evidence_id":${quote(evidence_id)},"field_count":${chain.committed},` +
  `"head_entry_hash":"${chain.head}","kind":"${kind}","origin":${quote(origin)},"schema":"${SCHEMA}","sealed_at":"${sealedAt}"}`;
