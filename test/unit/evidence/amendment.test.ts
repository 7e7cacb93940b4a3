import { describe, expect, test } from "vitest";
import type { SealInput } from "../../../src/evidence/journal.ts";
import { seal } from "../../../src/evidence/seal.ts";
import { verify } from "../../../src/evidence/verify.ts";
import { birth, job, looseOf, observed, publicPem, redelivered, signer, transition } from "./support.ts";

const sealed = (input: SealInput) => looseOf(seal(input, signer).bytes);
const verdictOn = (input: SealInput) => verify(seal(input, signer).bytes, { keys: [publicPem] });

describe("an amendment", () => {
  const base = seal(job(), signer);
  const amends = {
    evidence_id: base.evidence_id,
    seal_hash: base.seal_hash,
    ordinal: 1,
    prev_seal_hash: base.seal_hash,
  };
  const entries = [redelivered(900, "sealed", Buffer.from("other"))];
  const first = job(entries, amends);

  test("names what it amends, and has artifacts and observations of its own", () => {
    const document = sealed(first);
    expect(document).toMatchObject({ kind: "amendment", amends, execution: { outcome: "amended", steps: [] } });
    expect(document.artifacts).toHaveLength(1);
    expect(document.observations).toHaveLength(1);
    expect(document.subject).toEqual({
      kind: "evidence_envelope",
      id: base.evidence_id,
      source: "qoc",
      anchored: false,
      meta: [],
    });
    expect(verdictOn(first).codes).toEqual([]);
  });

  test("has the request of the run among its artifacts when it rests on it", () => {
    const replay = transition(900, "REDELIVERED", "sealed", [observed("replay_suspected", true, birth.request)], {
      artifacts: [],
    });
    expect(sealed(job([replay], amends)).artifacts).toMatchObject([{ id: "a1", sha256: birth.request.sha256 }]);
  });

  test("has an id of its own, fixed by what it amends and its ordinal", () => {
    const second = job(entries, { ...amends, ordinal: 2 });
    const ids = [first, first, second].map((input) => seal(input, signer).evidence_id);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set([...ids, base.evidence_id]).size).toBe(3);
  });

  test("salts its commitments with a key of its own", () => {
    const keys = [job(), first, job(entries, { ...amends, ordinal: 2 })].map(
      (input) => sealed(input).integrity.disclosure_key,
    );
    expect(new Set(keys).size).toBe(3);
  });
});
