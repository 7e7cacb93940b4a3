/** Envelopes and amendments. Packs, receipts and logs have a file of their own. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sha256Hex } from "../../src/evidence/hashes.ts";
import { BODY, HEADERS, atHand, forged, resealed } from "../unit/evidence/support.ts";
import { casesIn } from "./cases.ts";
import { apply, changesOf, nameOf } from "./changes.ts";
import { CONFORMANCE } from "./generator/case.ts";
import { askFirst, askSecond, bytesChanged, expectSame, isMissing, sample, temporary, type Asked } from "./second.ts";

const keyFile = join(CONFORMANCE, "evidence.pub");
const keys = [readFileSync(keyFile, "utf8")];
const valid = casesIn("envelopes").filter(({ name }) => !name.endsWith("_fail"));
const folder = temporary();
afterAll(() => rmSync(folder, { recursive: true }));

function expectAgreement(asked: readonly Asked[]): ReturnType<typeof askSecond> {
  const second = askSecond(folder, asked, "--key", keyFile);
  expectSame(asked, askFirst(asked, { keys }), second);
  return second;
}

describe.skipIf(isMissing)("the second verifier, written from the page alone,", { timeout: 60_000 }, () => {
  test("agrees without a key, with an unusable one, and on the origin", () => {
    const unusable = join(folder, "unusable.pub");
    writeFileSync(unusable, "no key");
    expect(askSecond(folder, valid)).toEqual(askFirst(valid, { keys: [] }));
    expect(askSecond(folder, valid, "--key", unusable)).toEqual(askFirst(valid, { keys: ["no key"] }));
    const both = ["--key", keyFile, "--key", unusable];
    expect(askSecond(folder, valid, ...both)).toEqual(askFirst(valid, { keys: [...keys, "no key"] }));
    const elsewhere = ["--key", keyFile, "--origin", "elsewhere/desk"];
    expect(askSecond(folder, valid, ...elsewhere)).toEqual(askFirst(valid, { keys, origin: "elsewhere/desk" }));
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
      const told = askSecond(folder, valid, "--key", keyFile, "--artifacts", artifacts);
      expect(told).toEqual(askFirst(valid, policy));
      changed.push(told.some(({ codes: found }) => found.includes("ARTIFACT_MISMATCH")));
    }
    expect(changed).toEqual([false, true]);
  });

  test("agrees on bytes flipped, dropped and doubled, and accepts none of them", () => {
    expect(expectAgreement(bytesChanged(valid, 60)).filter(({ ok }) => ok)).toEqual([]);
  });

  test("agrees on leaves changed by one without the key, and accepts none that differs", () => {
    const mutants = sample(changesOf(valid), 100).map((change) => ({
      name: nameOf(change),
      bytes: forged(change.of.bytes, (document) => apply(change, document)),
      same: change.of.bytes,
    }));
    const accepted = expectAgreement(mutants).map(({ ok }) => ok);
    expect(accepted).toEqual(mutants.map(({ bytes, same }) => Buffer.compare(bytes, same) === 0));
  });

  test("agrees on leaves changed by the holder of the key, whose hashes and signature fit", () => {
    const mutants = sample(changesOf(valid), 100).flatMap((change) => {
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
    const first = valid.find(({ name }) => name === "envelopes/inbox");
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
