/** What was masked before anything was stored, as the documents say it. */
import { describe, expect, test } from "vitest";
import type { Masked } from "../../../src/core/redaction.ts";
import type { SealInput } from "../../../src/evidence/journal.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { verify } from "../../../src/evidence/verify.ts";
import { artifact, birth, job, journal, looseOf, observed, publicPem, signer, transition } from "./support.ts";

const mail: Masked = { rule_id: "mail", path: "/body/who", match_type: "email", match_count: 2, masked_len: 20 };
const agent: Masked = {
  rule_id: "agent",
  path: "/headers/user-agent",
  match_type: "header",
  match_count: 1,
  masked_len: 9,
};
const committed = "ab".repeat(32);
const filtered = (...redactions: readonly Masked[]) => ({ redactions, raw_bytes_committed: committed });

const bornFiltered: SealInput = { ...job(), birth: { ...birth, filtered: filtered(mail, agent) } };
const conflicting = artifact("webhook_request", Buffer.from("other"));
const conflict = (ms: number, to: string) =>
  transition(ms, "REDELIVERED", to, [observed("conflict_received", "delivery-1", conflicting)], {
    delivery_id: "delivery-1",
    same_id: true,
    same_bytes: false,
    received_at: birth.received_at + ms,
    artifacts: [conflicting],
    filtered: filtered(agent),
  });

const sealed = (input: SealInput) => looseOf(seal(input, signer).bytes);
const codesOf = (input: SealInput) => verify(seal(input, signer).bytes, { keys: [publicPem] }).codes;
/** The links that the leaves of one redaction stand in. */
function linksOf(input: SealInput, index: number): readonly number[] {
  const links: { readonly fields: object }[] = sealed(input).integrity.hash_chain;
  return links.flatMap(({ fields }, n) =>
    Object.keys(fields).flatMap((pointer) => (pointer.startsWith(`/redactions/${index}/`) ? [n] : [])),
  );
}

describe("an envelope of a filtered delivery", () => {
  test("lists what was masked, at the time it was received, in the link of its birth", () => {
    const timestamp = "2026-07-05T13:45:01.120Z";
    expect(sealed(bornFiltered).redactions).toEqual([
      { ...mail, timestamp },
      { ...agent, timestamp },
    ]);
    expect([linksOf(bornFiltered, 0), linksOf(bornFiltered, 1)]).toEqual([Array(6).fill(0), Array(6).fill(0)]);
    expect(codesOf(bornFiltered)).toEqual([]);
  });

  test("lists what was masked in a redelivery before the seal, in that redelivery's link", () => {
    const entries = journal().toSpliced(4, 0, conflict(10, "executing.performing"));
    const input = { ...bornFiltered, entries };
    expect(sealed(input).redactions[2]).toEqual({ ...agent, timestamp: "2026-07-05T13:45:01.130Z" });
    expect(linksOf(input, 2)).toEqual(Array(6).fill(4));
    expect(codesOf(input)).toEqual([]);
  });

  test("of which nothing was masked has an empty list, in the first link, as has one that was not filtered", () => {
    for (const input of [{ ...job(), birth: { ...birth, filtered: filtered() } }, job()]) {
      expect(sealed(input).redactions).toEqual([]);
      expect(Object.keys(sealed(input).integrity.hash_chain[0].fields)).toContain("/redactions");
      expect(codesOf(input)).toEqual([]);
    }
  });
});

test("an amendment lists what was masked in its redelivery, and not what its envelope lists", () => {
  const base = seal(bornFiltered, signer);
  const { evidence_id, seal_hash } = base;
  const amends = { evidence_id, seal_hash, ordinal: 1, prev_seal_hash: seal_hash };
  const input = { ...bornFiltered, entries: [conflict(900, "amending.signing")], amends };
  expect(sealed(input).redactions).toEqual([{ ...agent, timestamp: "2026-07-05T13:45:02.020Z" }]);
  expect(linksOf(input, 0)).toEqual(Array(6).fill(0));
  expect(codesOf(input)).toEqual([]);
});
