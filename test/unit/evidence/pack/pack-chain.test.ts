import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal } from "../../../../src/evidence/seal.ts";
import { verifyPack } from "../../../../src/evidence/pack/verify-pack.ts";
import type { VerifyCode } from "../../../../src/evidence/verify.ts";
import { job, looseOf, resealed, signer, type Loose } from "../support.ts";
import { codesOf, forgedPack, keys, packOf, signInto, statementIn } from "./pack-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const { bytes } = seal(job(), signer);
const pack = packOf(bytes, { pointers: ["/intent/statement"] }).bytes;
type Forgery = readonly [name: string, change: (document: Loose) => void, codes: readonly VerifyCode[]];

describe("a pack over a chain that the holder of the key made up", () => {
  /** The pack's own disclosures and receipts over another signed chain. */
  const over = (change: (document: Loose) => void): readonly VerifyCode[] => {
    const { integrity } = looseOf(resealed(bytes, change));
    return codesOf(
      forgedPack(pack, (d) => {
        d.dsse = integrity.dsse;
      }),
    );
  };
  const chainOf = (d: Loose): Loose[] => d.integrity.hash_chain;

  test.each<Forgery>([
    ["a list with a gap", (d) => (chainOf(d)[0].open["/artifacts/9/id"] = "a10"), ["LEAVES_MISSHAPEN"]],
    ["a leaf within a leaf", (d) => (chainOf(d)[0].open["/schema/x"] = 1), ["LEAVES_MISSHAPEN"]],
    ["a pointer that is none", (d) => (chainOf(d)[0].open["schema"] = 1), ["LEAVES_MISSHAPEN"]],
    ["a pointer of a million parts", (d) => (chainOf(d)[0].open["/x".repeat(1_000_000)] = 1), ["LEAVES_MISSHAPEN"]],
    ["a member that no envelope has", (d) => (chainOf(d)[0].open["/promise"] = true), ["LEAVES_MISSHAPEN"]],
    ["a member that every envelope has left out", (d) => delete chainOf(d)[0].open["/schema"], ["LEAVES_MISSHAPEN"]],
    ["an index without end", (d) => (chainOf(d)[0].open["/artifacts/4294967295/id"] = "a"), ["LEAVES_MISSHAPEN"]],
    ["a pointer twice", (d) => (chainOf(d)[5].open["/schema"] = "qoc.evidence/v1"), ["POINTER_REPEATED"]],
    [
      "a committed leaf in clear",
      (d) => (delete chainOf(d)[3].fields["/subject/source"], (chainOf(d)[3].open["/subject/source"] = "qoc")),
      ["LEAF_MISCLASSED", "RECEIPT_MISMATCH"],
    ],
    ["links numbered from one", (d) => chainOf(d).forEach((link) => (link.seq += 1)), ["LINK_OUT_OF_ORDER"]],
    ["a link of another step", (d) => (chainOf(d)[3].step = "held"), ["OBSERVATION_MISPLACED"]],
    ["a seal of another time", (d) => (d.integrity.seal.sealed_at = "2026-07-05T13:45:01.141Z"), ["TIME_MISMATCH"]],
    ["a seal of another kind", (d) => (d.integrity.seal.kind = "amendment"), ["SEAL_MISMATCH"]],
  ])("is refused for %s", (_name, change, codes) => {
    expect(over(change)).toEqual(expect.arrayContaining([...codes]));
  });

  test("is refused for a link that does not follow the one before it", () => {
    const lie = forgedPack(pack, (d) => {
      const statement = statementIn(d.dsse);
      statement.predicate.hash_chain[2].prev = "0".repeat(64);
      signInto(d.dsse, statement);
    });
    expect(codesOf(lie)).toEqual(["LINK_BROKEN"]);
  });
});

describe("whatever the bytes are, there is a verdict", () => {
  /** Every place in a parsed document, by its names from the top. */
  const placesOf = (value: Loose, path: readonly string[] = []): readonly (readonly string[])[] =>
    typeof value !== "object" || value === null
      ? [path]
      : [path, ...Object.keys(value).flatMap((name) => placesOf(value[name], [...path, name]))];
  const put = (document: Loose, path: readonly string[], value: unknown): void => {
    const parent = path.slice(0, -1).reduce((at, name) => at[name], document);
    parent[path.at(-1) ?? ""] = value;
  };
  const inside = (place: readonly string[]): boolean => place.length > 0;
  const statements = ["dsse", "export_dsse"] as const;

  test("for any bytes and any JSON", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (sent) => {
          expect(verifyPack(sent, { keys })).toMatchObject({ ok: false, level: "none" });
        },
      ),
    );
  });

  test("for a pack with any member replaced by any JSON", { timeout: 60_000 }, () => {
    const places = placesOf(looseOf(pack)).filter(inside);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }), (place, value) => {
        const sent = forgedPack(pack, (d) => put(d, place, value));
        expect(verifyPack(sent, { keys }).ok).toBe(Buffer.from(pack).equals(sent));
      }),
    );
  });

  test.each(statements)("for a %s whose signer put any JSON into any place of it", { timeout: 60_000 }, (name) => {
    const places = placesOf(statementIn(looseOf(pack)[name])).filter(inside);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }), (place, value) => {
        const sent = forgedPack(pack, (d) => {
          const statement = statementIn(d[name]);
          put(statement, place, value);
          signInto(d[name], statement);
        });
        expect(verifyPack(sent, { keys }).ok).toBe(Buffer.from(pack).equals(sent));
      }),
    );
  });
});
