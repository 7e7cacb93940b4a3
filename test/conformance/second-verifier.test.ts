/** `verify.py` was written from the format's page alone. Where it and `verify` disagree, one of the three is wrong. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sha256Hex } from "../../src/evidence/hashes.ts";
import { verify } from "../../src/evidence/verify.ts";
import { BODY, HEADERS, atHand, forged, resealed, type Loose } from "../unit/evidence/support.ts";

type Told = { readonly ok: boolean; readonly level: string; readonly codes: readonly string[] };
type Asked = { readonly name: string; readonly bytes: Uint8Array };

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const keyFile = pathOf("evidence.pub");
const keys = [readFileSync(keyFile, "utf8")];
const codes: Readonly<Record<string, readonly string[]>> = JSON.parse(readFileSync(pathOf("codes.json"), "utf8"));
const envelopes: readonly Asked[] = readdirSync(pathOf("envelopes")).map((name) => ({
  name: name.replace(/\.json$/, ""),
  bytes: readFileSync(pathOf(`envelopes/${name}`)),
}));
const valid = envelopes.filter(({ name }) => !name.endsWith("_fail"));

const missing = [
  ["python3", "--version"],
  ["openssl", "version"],
].flatMap(([command = "", argument = ""]) => (spawnSync(command, [argument]).status === 0 ? [] : [command]));
if (missing.length > 0) process.stdout.write(`skipped: the second verifier needs ${missing.join(" and ")}\n`);

const folder = mkdtempSync(join(tmpdir(), "qoc-second-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the second verifier says of each, one process for all of them. */
function askSecond(asked: readonly Asked[], ...options: readonly string[]): readonly Told[] {
  const files = asked.map(({ bytes }, n) => {
    const file = join(folder, `${n}.json`);
    writeFileSync(file, bytes);
    return file;
  });
  const ran = spawnSync("python3", [pathOf("verify.py"), ...options, ...files], { encoding: "utf8" });
  expect(ran.stderr).toBe("");
  const told: readonly Told[] = ran.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told).toHaveLength(asked.length);
  expect(ran.status).toBe(told.every(({ ok }) => ok) ? 0 : 1);
  return told.map(({ ok, level, codes: found }) => ({ ok, level, codes: found }));
}

const askFirst = (asked: readonly Asked[], policy: Parameters<typeof verify>[1]): readonly Told[] =>
  asked.map(({ bytes }) => {
    const { ok, level, codes: found } = verify(bytes, policy);
    return { ok, level, codes: [...new Set(found)].toSorted() };
  });

function expectAgreement(asked: readonly Asked[]): readonly Told[] {
  const second = askSecond(asked, "--key", keyFile);
  const first = askFirst(asked, { keys });
  const pairs = asked.map(({ name }, n) => ({ name, first: first[n], second: second[n] }));
  expect(pairs.filter((pair) => JSON.stringify(pair.first) !== JSON.stringify(pair.second))).toEqual([]);
  return second;
}

/** Every place of a document that holds a leaf, as the road to it. */
function roadsOf(value: Loose, road: readonly string[] = []): readonly (readonly string[])[] {
  const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return names.length === 0 ? [road] : names.flatMap((name) => roadsOf(value[name], [...road, name]));
}

const strange = fc.oneof(
  fc.constantFrom(null, true, false, "", "a", "a9", "o9", [], {}, 0, -1, 1.5, 2 ** 53, "0".repeat(64)),
  fc.constantFrom("envelope", "amendment", "amended", "failed", "2026-07-05T13:45:01.120Z", "2026-02-30T00:00:00.000Z"),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: "binary", maxLength: 4 }),
);

type Change = {
  readonly of: Asked;
  readonly at: number;
  readonly how: "set" | "drop" | "double" | "next";
  readonly to: unknown;
};
const changes = fc.record<Change>({
  of: fc.constantFrom(...valid),
  at: fc.nat(100_000),
  how: fc.constantFrom("set", "set", "set", "drop", "double", "next"),
  to: strange,
});

/** Sets, drops or doubles one leaf of the document (of its integrity too), or gives it its neighbour's value. */
function apply({ at, how, to }: Change, document: Loose): void {
  const roads = roadsOf(document).filter((road) => !road.includes("dsse") || how === "set");
  const road = roads[at % roads.length] ?? [];
  const next = (roads[(at + 1) % roads.length] ?? []).reduce((value, name) => value[name], document);
  const last = road.at(-1) ?? "";
  const parent = road.slice(0, -1).reduce((value, name) => value[name], document);
  if (how === "set") parent[last] = to;
  else if (how === "next") parent[last] = next;
  else if (how === "double" && Array.isArray(parent)) parent.push(parent[Number(last)]);
  else if (how === "double") parent[`${last}0`] = parent[last];
  else if (Array.isArray(parent)) parent.pop();
  else delete parent[last];
}

function nameOf({ of, at, how, to }: Change): string {
  const roads = roadsOf(JSON.parse(Buffer.from(of.bytes).toString())).filter(
    (road) => !road.includes("dsse") || how === "set",
  );
  return `${of.name}: ${how} /${roads[at % roads.length]?.join("/")} ${JSON.stringify(to)}`;
}
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): readonly T[] =>
  fc.sample(arbitrary, { seed: 1, numRuns });

describe.skipIf(missing.length > 0)("the second verifier, written from the page alone,", { timeout: 60_000 }, () => {
  test("says of every conformance envelope what codes.json says, and what the first one does", () => {
    const told = expectAgreement(envelopes);
    for (const [n, { name }] of envelopes.entries()) {
      expect([name, told[n]?.codes, told[n]?.ok]).toEqual([name, codes[name]?.toSorted(), !name.endsWith("_fail")]);
    }
    expect(told).toHaveLength(Object.keys(codes).length);
    expect(valid).toHaveLength(7);
  });

  test("agrees without a key, with an unusable one, and on the origin", () => {
    const unusable = join(folder, "unusable.pub");
    writeFileSync(unusable, "no key");
    expect(askSecond(valid)).toEqual(askFirst(valid, { keys: [] }));
    expect(askSecond(valid, "--key", unusable)).toEqual(askFirst(valid, { keys: ["no key"] }));
    const both = ["--key", keyFile, "--key", unusable];
    expect(askSecond(valid, ...both)).toEqual(askFirst(valid, { keys: [...keys, "no key"] }));
    const elsewhere = ["--key", keyFile, "--origin", "elsewhere/desk"];
    expect(askSecond(valid, ...elsewhere)).toEqual(askFirst(valid, { keys, origin: "elsewhere/desk" }));
  });

  test("hashes the artifacts at hand, and agrees when one of them was changed", () => {
    const good = { keys, artifact: atHand };
    const bad = { keys, artifact: (hash: string) => atHand(hash)?.map((byte) => byte ^ 1) };
    const changed: boolean[] = [];
    for (const [name, policy] of Object.entries({ good, bad })) {
      const artifacts = join(folder, name);
      mkdirSync(artifacts);
      for (const bytes of [BODY, HEADERS]) {
        const hash = sha256Hex(bytes);
        writeFileSync(join(artifacts, hash), policy.artifact(hash) ?? "");
      }
      const told = askSecond(valid, "--key", keyFile, "--artifacts", artifacts);
      expect(told).toEqual(askFirst(valid, policy));
      changed.push(told.some(({ codes: found }) => found.includes("ARTIFACT_MISMATCH")));
    }
    expect(changed).toEqual([false, true]);
  });

  test("agrees on bytes flipped, dropped and doubled, and accepts none of them", () => {
    const spots = fc.record({ of: fc.constantFrom(...valid), at: fc.nat(1_000_000), bit: fc.nat(7), how: fc.nat(2) });
    const mutants = sample(spots, 60).map(({ of, at, bit, how }, n) => {
      const place = at % of.bytes.length;
      const byte = of.bytes[place] ?? 0;
      const instead = [[byte ^ (1 << bit)], [], [byte, byte]][how] ?? [];
      const parts = [of.bytes.subarray(0, place), Uint8Array.from(instead), of.bytes.subarray(place + 1)];
      return { name: `${n}: ${of.name} byte ${place}, ${how}, bit ${bit}`, bytes: Buffer.concat(parts) };
    });
    expect(expectAgreement(mutants).filter(({ ok }) => ok)).toEqual([]);
  });

  test("agrees on leaves changed by one without the key, and accepts none that differs", () => {
    const mutants = sample(changes, 100).map((change) => ({
      name: nameOf(change),
      bytes: forged(change.of.bytes, (document) => apply(change, document)),
      same: change.of.bytes,
    }));
    const accepted = expectAgreement(mutants).map(({ ok }) => ok);
    expect(accepted).toEqual(mutants.map(({ bytes, same }) => Buffer.compare(bytes, same) === 0));
  });

  test("agrees on leaves changed by the holder of the key, whose hashes and signature fit", () => {
    const mutants = sample(changes, 100).flatMap((change) => {
      try {
        const bytes = resealed(change.of.bytes, (document) => apply(change, document));
        return [{ name: nameOf(change), bytes }];
      } catch {
        return []; // what was changed can no longer be hashed
      }
    });
    expect(mutants.length).toBeGreaterThan(50);
    const found = new Set(expectAgreement(mutants).flatMap((told) => told.codes));
    expect(found.size).toBeGreaterThan(5);
  });

  test("takes the same spelling of a number for the canonical one", () => {
    const first = valid.find(({ name }) => name === "inbox");
    const numbers = [...sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 60), 1e21, 1e-7, 123e18, 5e-324];
    const mutants = numbers.map((value) => ({
      name: String(value),
      bytes: forged(first?.bytes ?? new Uint8Array(), (document) => {
        document.observations[1].value = value;
      }),
    }));
    const told = expectAgreement(mutants);
    expect(new Set(told.flatMap((one) => one.codes))).toEqual(new Set(["COMMITMENT_MISMATCH"]));
  });
});
