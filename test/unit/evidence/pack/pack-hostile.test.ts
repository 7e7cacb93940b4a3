/** Packs that are made to cost: by how many things they hold, not by what these say. */
import { describe, expect, test } from "vitest";
import { grow } from "../../../../src/evidence/pack/rebuild.ts";
import { isPack, verifyPack } from "../../../../src/evidence/pack/verify-pack.ts";
import { seal } from "../../../../src/evidence/seal.ts";
import { job, signer } from "../support.ts";
import { forgedPack, keys, packOf } from "./pack-support.ts";

const pack = packOf(seal(job(), signer).bytes).bytes;
const VALUES_MAX = 2 ** 20;
const judged = (bytes: Uint8Array) => {
  const { ok, level, codes, findings } = verifyPack(bytes, { keys });
  expect(ok).toBe(false);
  expect(findings.map(({ code }) => code)).toEqual(codes);
  return { level, codes };
};
describe("verifyPack of hostile bytes", () => {
  test("gives a verdict on as many wrong disclosures as nobody could hand to one call", () => {
    const many = forgedPack(pack, (d) => (d.disclosures = Array.from({ length: 150_000 }, () => "")));
    expect(judged(many)).toMatchObject({ level: "E0", codes: expect.arrayContaining(["PACK_UNSORTED"]) });
  });

  test("gives a verdict on as many wrong receipts", () => {
    const many = forgedPack(pack, (d) => (d.redactions = Array.from({ length: 150_000 }, () => d.redactions[0])));
    expect(judged(many)).toMatchObject({ level: "E0", codes: expect.arrayContaining(["PACK_UNSORTED"]) });
  });

  test("reads no more values than a document may have, in the pack and in what is signed in it", () => {
    const many = (count: number): string => `[${Array.from({ length: count }, () => "{}").join(",")}]`;
    const text = Buffer.from(pack).toString();
    const spoilt = Buffer.from(text.replace(/"disclosures":\[[^\]]*\]/, `"disclosures":${many(VALUES_MAX)}`));
    expect(isPack(spoilt)).toBe(false);
    expect(judged(spoilt)).toEqual({ level: "none", codes: ["JSON_MALFORMED"] });
    const inPayload = forgedPack(pack, (d) => (d.dsse.payload = Buffer.from(many(VALUES_MAX)).toString("base64")));
    expect(judged(inPayload)).toEqual({ level: "none", codes: ["SHAPE_INVALID"] });
  });

  test("grows no document out of few leaves that lie below very many names", () => {
    const below = "/a".repeat(400);
    const leaves = (count: number) => Array.from({ length: count }, (_, at) => [`/${at}x${below}`, null] as const);
    expect(grow(leaves(2000))).toBeDefined();
    expect(grow(leaves(VALUES_MAX / 400))).toBeUndefined();
  });
});
