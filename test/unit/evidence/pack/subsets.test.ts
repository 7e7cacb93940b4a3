import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal } from "../../../../src/evidence/seal.ts";
import { exportPack } from "../../../../src/evidence/pack/export.ts";
import { isPack, verifyPack } from "../../../../src/evidence/pack/verify-pack.ts";
import { verify } from "../../../../src/evidence/verify.ts";
import {
  atHand,
  birth,
  forged,
  job,
  looseOf,
  observed,
  publicPem,
  redelivered,
  signer,
  transition,
  type Loose,
} from "../support.ts";
import { closedPolicy, codesOf, exporter, keys, packOf } from "./pack-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 60 });

const { bytes, seal_hash, evidence_id } = seal(job(), signer);
const committedIn = (envelope: Uint8Array): readonly string[] =>
  looseOf(envelope).integrity.hash_chain.flatMap((link: Loose) => Object.keys(link.fields));
const committed = committedIn(bytes);

/** What stands at a pointer of a parsed document, by no code of ours. */
const at = (document: Loose, pointer: string): unknown =>
  pointer
    .slice(1)
    .split("/")
    .reduce((value, name) => value?.[name], document);

describe("every choice of what is opened", () => {
  const original = looseOf(bytes);
  /** Verifies, opens what was chosen with its value, and receipts all the rest. */
  function expectWhole(pointers: readonly string[]): void {
    const pack = packOf(bytes, { pointers });
    const verdict = verifyPack(pack.bytes, { keys });
    expect([verdict.ok, verdict.level, verdict.codes]).toEqual([true, "E2", []]);
    const document = looseOf(pack.bytes);
    const closed: string[] = document.redactions.map((receipt: Loose) => receipt.path);
    expect(new Set([...pack.opened, ...closed])).toEqual(new Set(committed));
    expect(pack.opened.length + closed.length).toBe(committed.length);
    const opened = new Set(pack.opened);
    expect(pointers.filter((pointer) => !opened.has(pointer))).toEqual([]);
    for (const pointer of pack.opened) expect(at(document.envelope, pointer)).toEqual(at(original, pointer));
    for (const pointer of closed) expect([undefined, {}]).toContainEqual(at(document.envelope, pointer));
  }

  test("holds at random, where every two leaves are met in all four ways", { timeout: 60_000 }, () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: committed.length, maxLength: committed.length }), (chosen) => {
        expectWhole(committed.filter((_, n) => chosen[n]));
        for (const [a, one] of chosen.entries())
          for (const [b, other] of chosen.slice(0, a).entries()) met.add(`${a} ${b} ${one} ${other}`);
      }),
    );
    expect(met.size).toBe(2 * committed.length * (committed.length - 1));
  });

  test("holds with each leaf alone, and with all but it", { timeout: 60_000 }, () => {
    expect(committed.length).toBeGreaterThan(50);
    for (const pointer of committed) {
      expectWhole([pointer]);
      expectWhole(committed.filter((other) => other !== pointer));
    }
  });

  test(
    "holds for every subset of the leaves of two lists, whose items shift when others close",
    { timeout: 60_000 },
    () => {
      const leaves = committed.filter((pointer) => /^\/(?:subject\/meta|runner_context\/toolchain)\//.test(pointer));
      const few = [...leaves, "/artifacts/1/media_type"].slice(-8);
      expect(few).toHaveLength(8);
      for (let subset = 0; subset < 2 ** few.length; subset += 1)
        expectWhole(few.filter((_, bit) => Math.floor(subset / 2 ** bit) % 2 === 1));
    },
  );

  test("with everything opened rebuilds the document whole", () => {
    const { integrity, ...document } = looseOf(bytes);
    const pack = packOf(bytes, { pointers: committed });
    expect([pack.closed, looseOf(pack.bytes).envelope]).toEqual([0, document]);
    expect(looseOf(pack.bytes).dsse).toEqual(integrity.dsse);
  });

  test("with nothing allowed opens only what the signed statement tells anyway", () => {
    const pack = packOf(bytes);
    expect(pack.opened).toEqual(["/amends", "/generated_at", "/intent/trigger/workspace"]);
    expect(pack.closed).toBe(committed.length - 3);
  });

  test("verifies for a run that ended at once", () => {
    const refused = [transition(0, "REFUSED", "sealing", [observed("outcome_decided", "refused", birth.request)])];
    expect(codesOf(packOf(seal(job(refused), signer).bytes).bytes)).toEqual([]);
  });

  test("verifies for an amendment, whose genesis stays recomputable", () => {
    const entries = [redelivered(900, "sealed", Buffer.from("other"))];
    const amends = { evidence_id, seal_hash, ordinal: 1, prev_seal_hash: seal_hash };
    const pack = packOf(seal(job(entries, amends), signer).bytes);
    expect(codesOf(pack.bytes)).toEqual([]);
    expect(looseOf(pack.bytes).envelope.amends).toEqual(amends);
  });
});

describe("the allow-list", () => {
  const opened = (pattern: string): readonly string[] =>
    packOf(bytes, { pointers: [pattern] }).opened.filter((pointer) => !packOf(bytes).opened.includes(pointer));

  test("opens a leaf by its pointer", () => expect(opened("/intent/statement")).toEqual(["/intent/statement"]));

  test("takes a star for an index, each index", () => {
    expect(opened("/artifacts/*/media_type")).toEqual(["/artifacts/0/media_type", "/artifacts/1/media_type"]);
  });

  test.each([
    "/intent",
    "/*/statement",
    "/intent/*",
    "/intent/statement/*",
    "intent/statement",
    "/",
    "*",
    "/intent/STATEMENT",
  ])("opens nothing for %s, which names no leaf", (pattern) => expect(opened(pattern)).toEqual([]));

  test("opens all leaves of artifacts of a kind, and of no other", () => {
    const pack = packOf(bytes, { artifact_kinds: ["webhook_headers"] });
    expect(pack.opened.filter((pointer) => pointer.startsWith("/artifacts/"))).toEqual(
      ["bytes", "class", "content_uri", "location_hints", "media_type", "sha256"].map((name) => `/artifacts/1/${name}`),
    );
    expect(codesOf(pack.bytes)).toEqual([]);
  });

  test("is in the signed statement by its hash, whatever the order of its lists", () => {
    const policyIn = (pointers: readonly string[]): unknown =>
      JSON.parse(Buffer.from(looseOf(packOf(bytes, { pointers }).bytes).export_dsse.payload, "base64").toString())
        .predicate.policy_sha256;
    expect(policyIn(["/subject/id", "/intent/task"])).toBe(policyIn(["/intent/task", "/subject/id"]));
    expect(policyIn(["/subject/id"])).not.toBe(policyIn(["/intent/task"]));
  });
});

describe("an export", () => {
  test("carries the envelope's own signature, so both verify by one key and one seal hash", () => {
    const document = looseOf(packOf(bytes).bytes);
    expect(document.dsse).toEqual(looseOf(bytes).integrity.dsse);
    const statement = JSON.parse(Buffer.from(document.export_dsse.payload, "base64").toString());
    expect(statement.subject).toEqual([{ name: `urn:qoc:evidence:${evidence_id}`, digest: { sha256: seal_hash } }]);
    expect(statement.predicate).toEqual({
      allowed: [],
      exported_at: "2026-07-05T13:46:01.120Z",
      policy_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      redactions: document.redactions,
    });
  });

  test("has exactly the members of the format, and is its own canonical bytes again when made again", () => {
    const first = packOf(bytes).bytes;
    expect(Object.keys(looseOf(first))).toEqual([
      "disclosures",
      "dsse",
      "envelope",
      "evidence_id",
      "export_dsse",
      "redactions",
      "schema",
      "tlog_proof",
    ]);
    expect(Buffer.from(packOf(bytes).bytes).equals(first)).toBe(true);
  });

  test("is not made of an envelope that does not verify", () => {
    const broken = forged(bytes, (d) => (d.intent.statement = "Sell everything"));
    expect(exportPack(broken, closedPolicy, exporter)).toEqual({
      kind: "stopped",
      because: "ENVELOPE_INVALID",
      codes: ["COMMITMENT_MISMATCH"],
    });
    expect(exportPack(bytes, closedPolicy, { ...exporter, keys: [] })).toMatchObject({ codes: ["KEY_NOT_GIVEN"] });
  });

  test("is no envelope, and an envelope is no pack", () => {
    const pack = packOf(bytes).bytes;
    expect([isPack(pack), isPack(bytes), isPack(Buffer.from("{")), isPack(Buffer.from("[]"))]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(verify(pack, { keys }).level).toBe("none");
    expect(verifyPack(bytes, { keys }).level).toBe("none");
  });
});

describe("the verdict on a pack", () => {
  const pack = packOf(bytes).bytes;

  test("is E1 and not ok without a key, and names the origin that is not the expected one", () => {
    expect(verifyPack(pack, {})).toMatchObject({ ok: false, level: "E1", codes: ["KEY_NOT_GIVEN"] });
    expect(verifyPack(pack, { keys: [Buffer.alloc(32, 1)] })).toMatchObject({
      level: "E1",
      codes: ["KEY_UNKNOWN", "EXPORT_KEY_UNKNOWN"],
    });
    expect(verifyPack(pack, { keys: [publicPem], origin: "localhost/equity-desk" }).ok).toBe(true);
    expect(verifyPack(pack, { keys, origin: "localhost/other" }).codes).toEqual(["ORIGIN_UNEXPECTED"]);
    expect(verifyPack(pack, { keys: [publicPem, "no key"] }).codes).toEqual(["KEY_UNUSABLE"]);
  });

  test("grades an observation A only where its basis and the hash of its bytes are opened", () => {
    const gradeOf = (pointers: readonly string[], name: string): string | undefined =>
      verifyPack(packOf(bytes, { pointers }).bytes, { keys, artifact: atHand }).observations.find(
        (observation) => observation.name === name,
      )?.grade;
    const basis = "/observations/*/basis_artifact_ids/*";
    expect(gradeOf([], "payload_parsed")).toBe("B");
    expect(gradeOf([basis], "payload_parsed")).toBe("B");
    expect(gradeOf(["/artifacts/*/sha256"], "payload_parsed")).toBe("B");
    expect(gradeOf([basis, "/artifacts/*/sha256"], "payload_parsed")).toBe("A");
    expect(gradeOf([basis, "/artifacts/*/sha256"], "signature_verified")).toBe("B");
    expect(gradeOf([], "order_checked")).toBe("C");
  });

  test("holds bytes at hand against the hashes that are opened", () => {
    const other = (): Uint8Array => Buffer.from("other");
    const shown = packOf(bytes, { pointers: ["/artifacts/0/sha256"] }).bytes;
    expect(verifyPack(shown, { keys, artifact: other }).codes).toEqual(["ARTIFACT_MISMATCH"]);
    expect(verifyPack(pack, { keys, artifact: other }).codes).toEqual([]);
  });

  test("says what is closed and what no pack proves", () => {
    const { closed, not_proven, shown } = verifyPack(pack, { keys });
    expect([closed, shown?.get("evidence_id")]).toEqual([committed.length - 3, evidence_id]);
    expect(not_proven).toContain("anything of a closed value, but that it is the one that was sealed");
    expect(not_proven.join()).toContain("a key that ended still signs for one");
  });
});
