import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { describe, expect, test } from "vitest";
import { seal } from "../../../src/evidence/seal.ts";
import { birth, job, journal, KEY, looseOf, signer } from "./support.ts";

// Everything here is computed as the format's page says, with node:crypto and the reference JCS, and nothing of src/evidence.
const bytes = seal(job(), signer).bytes;
const { integrity, ...document } = looseOf(bytes);
const links: readonly {
  readonly seq: number;
  readonly step: string;
  readonly at: string;
  readonly prev: string;
  readonly open: Record<string, unknown>;
  readonly fields: Record<string, string>;
}[] = integrity.hash_chain;

const sha256 = (text: string) => createHash("sha256").update(text, "utf8");
const H = (label: string, value: unknown) => sha256(`${label}\n${canonicalize(value)}`).digest("hex");

function leaves(value: unknown, pointer = ""): [string, unknown][] {
  const parts = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return parts.length === 0 ? [[pointer, value]] : parts.flatMap(([name, part]) => leaves(part, `${pointer}/${name}`));
}

function salts(link: number, count: number): string[] {
  const place = Buffer.from([0, 0, 0, link]);
  const input = Buffer.concat([KEY, Buffer.from("qoc.evidence/v1/salts"), place]);
  const stream = createHash("shake256", { outputLength: 16 * count })
    .update(input)
    .digest();
  return Array.from({ length: count }, (_, i) => stream.subarray(16 * i, 16 * i + 16).toString("base64url"));
}

describe("the chain of a sealed run", () => {
  test("has one link for each entry of the journal, in its order", () => {
    expect(links.map(({ seq, step, at }) => [seq, step, Date.parse(at)])).toEqual(
      journal().map(({ to, at }, seq) => [seq, to, at]),
    );
  });

  test("begins with the genesis and names each link's predecessor", () => {
    const { schema, evidence_id, kind, amends } = document;
    const genesis = H("qoc.evidence/v1/genesis", { schema, evidence_id, kind, amends, origin: birth.origin });
    const hashes = links.map((link) => H("qoc.evidence/v1/link", link));
    expect(links.map(({ prev }) => prev)).toEqual([genesis, ...hashes.slice(0, -1)]);
    expect(integrity.head_entry_hash).toBe(hashes.at(-1));
  });

  test("covers every leaf of the document once, and nothing else", () => {
    const covered = links.flatMap(({ open, fields }) => [...Object.keys(open), ...Object.keys(fields)]);
    const all = leaves(document).map(([pointer]) => pointer);
    expect(covered.toSorted()).toEqual(all.toSorted());
    expect(all.length).toBeGreaterThan(90);
  });

  test("shows open leaves as they are in the document", () => {
    const value = new Map(leaves(document));
    const open = links.flatMap((link) => Object.entries(link.open));
    expect(open.length).toBeGreaterThan(30);
    for (const [pointer, shown] of open) expect([pointer, shown]).toEqual([pointer, value.get(pointer)]);
  });

  test("commits to every other leaf under a salt of its own", () => {
    const value = new Map(leaves(document));
    const disclosed = new Set<string>();
    for (const [index, { fields }] of links.entries()) {
      const pointers = Object.keys(fields).toSorted();
      for (const [place, salt] of salts(index, pointers.length).entries()) {
        const pointer = pointers[place] ?? "";
        const disclosure = Buffer.from(canonicalize([salt, pointer, value.get(pointer)]) ?? "").toString("base64url");
        expect(fields[pointer]).toBe(createHash("sha256").update(disclosure, "ascii").digest("base64url"));
        disclosed.add(salt);
      }
    }
    expect(disclosed.size).toBe(integrity.seal.field_count);
  });

  test("leaves in clear what the format lists, and no more", () => {
    const patterns = new Set(
      links.flatMap(({ open }) => Object.keys(open).map((pointer) => pointer.replaceAll(/\/[0-9]+/g, "/*"))),
    );
    expect([...patterns].toSorted()).toEqual([
      "/artifacts/*/id",
      "/artifacts/*/kind",
      "/evidence_id",
      "/execution/outcome",
      "/execution/steps/*/exit_code",
      "/execution/steps/*/id",
      "/execution/steps/*/kind",
      "/execution/steps/*/status",
      "/kind",
      "/observations/*/at",
      "/observations/*/id",
      "/observations/*/name",
      "/observations/*/state",
      "/observations/*/value",
      "/schema",
      "/subject/anchored",
    ]);
    const values = links.flatMap(({ open }) => Object.entries(open).filter(([pointer]) => pointer.endsWith("/value")));
    expect(values).toEqual([["/observations/0/value", true]]);
  });

  test.each([
    ["/schema", 0],
    ["/artifacts/0/sha256", 0],
    ["/intent/trigger/webhook", 0],
    ["/observations/0/basis_artifact_ids/1", 1],
    ["/intent/trigger/event_type", 2],
    ["/subject/meta/0/value", 2],
    ["/intent/statement", 3],
    ["/subject/anchored", 3],
    ["/execution/steps/0/artifact_ids", 5],
    ["/generated_at", 5],
    ["/execution/outcome", 5],
  ])("holds %s in the link of the transition that made it known", (pointer, link) => {
    expect(links.findIndex(({ open, fields }) => pointer in open || pointer in fields)).toBe(link);
  });

  test("seals what it holds", () => {
    expect(integrity.seal).toEqual({
      schema: "qoc.evidence/v1",
      evidence_id: document.evidence_id,
      kind: "envelope",
      origin: "localhost/equity-desk",
      chain_length: links.length,
      field_count: links.reduce((sum, { fields }) => sum + Object.keys(fields).length, 0),
      head_entry_hash: integrity.head_entry_hash,
      sealed_at: document.generated_at,
    });
    expect(integrity.seal_hash).toBe(H("qoc.evidence/v1/seal", integrity.seal));
  });

  test("tells nothing of the sender's words in what is signed", () => {
    const payload = Buffer.from(integrity.dsse.payload, "base64").toString();
    for (const word of ["risk_breach", "delivery-1", "desk/equity", "risk-breach", KEY.toString("base64url")])
      expect(payload).not.toContain(word);
  });
});
