/** Every case, and what is changed in packs, receipts and logs. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { forgedPack, reexported } from "../unit/evidence/pack/pack-support.ts";
import { looseOf, resealed } from "../unit/evidence/support.ts";
import { casesIn, expectations, logNames, readPolicy } from "./cases.ts";
import { apply, changesOf, nameOf } from "./changes.ts";
import { CONFORMANCE, readCase } from "./generator/case.ts";
import type { Policy } from "./generator/policies.ts";
import { judgeLog } from "./library-log.ts";
import { judge, policyOf } from "./library.ts";
import {
  askFirst,
  askSecond,
  bytesChanged,
  expectSame,
  isMissing,
  runSecond,
  sample,
  temporary,
  type Asked,
} from "./second.ts";

const keyFile = join(CONFORMANCE, "evidence.pub");
const keys = [readFileSync(keyFile, "utf8")];
const isGood = ({ name }: Asked): boolean => !name.endsWith("_fail");
const packs = casesIn("packs");
const folder = temporary();
afterAll(() => rmSync(folder, { recursive: true }));

function expectAgreement(asked: readonly Asked[]): ReturnType<typeof askSecond> {
  const second = askSecond(folder, asked, "--key", keyFile);
  expectSame(asked, askFirst(asked, { keys }), second);
  return second;
}
const wanted = (name: string) => ({
  ok: !name.endsWith("_fail"),
  level: expectations[name]?.level,
  codes: expectations[name]?.codes.toSorted(),
});

describe.skipIf(isMissing)("the second verifier, written from the page alone,", { timeout: 120_000 }, () => {
  test("says of every envelope and pack what codes.json says, and what the library does", () => {
    const asked = [...casesIn("envelopes"), ...packs];
    expect(asked.length).toBeGreaterThan(75);
    expectSame(
      asked,
      asked.map(({ name }) => wanted(name)),
      expectAgreement(asked),
    );
  });

  test("says so of every policy too, and names the same witnesses", () => {
    const asked = casesIn("policies");
    const told = runSecond(
      ["--policies"],
      asked.map(({ name }) => `${name}.json`),
    );
    const first = asked.map(({ bytes }) => judge(readCase(readPolicy(bytes).file), policyOf(readPolicy(bytes))));
    const second = told.map(({ ok, level, codes, witnesses }) => ({ ok, level, codes, witnesses }));
    expectSame(asked, first, second);
    expectSame(
      asked,
      asked.map(({ name }) => wanted(name)),
      second.map(({ ok, level, codes }) => ({ ok, level, codes })),
    );
    expect(second.filter(({ witnesses }) => witnesses.length > 1)).toHaveLength(1);
  });

  test("and of every log", () => {
    const told = runSecond(["--logs"], logNames());
    expect(told.map(({ codes }) => codes)).toEqual(logNames().map((name) => expectations[name]?.codes));
  });

  test("agrees on bytes of packs flipped, dropped and doubled, and accepts none of them", () => {
    expect(expectAgreement(bytesChanged(packs.filter(isGood), 60)).filter(({ ok }) => ok)).toEqual([]);
  });

  test("agrees on packs changed by anybody, and accepts none that differs", () => {
    const mutants = sample(changesOf(packs.filter(isGood)), 120).map((change) => ({
      name: nameOf(change),
      bytes: forgedPack(change.of.bytes, (document) => apply(change, document)),
      same: change.of.bytes,
    }));
    const accepted = expectAgreement(mutants).map(({ ok }) => ok);
    expect(accepted).toEqual(mutants.map(({ bytes, same }) => Buffer.compare(bytes, same) === 0));
  });

  test("agrees on packs changed by who exports them", () => {
    const mutants = sample(changesOf(packs.filter(isGood)), 120).flatMap((change) => {
      try {
        return [{ name: nameOf(change), bytes: reexported(change.of.bytes, (document) => apply(change, document)) }];
      } catch {
        return []; // no statement is left to sign
      }
    });
    expect(mutants.length).toBeGreaterThan(50);
    const found = new Set(expectAgreement(mutants).flatMap(({ codes }) => codes));
    expect(found.size).toBeGreaterThan(8);
  });

  test("agrees on packs over chains that the holder of the key made up", () => {
    const envelopes = casesIn("envelopes").filter(isGood);
    const pack = packs.find(({ name }) => name === "packs/some-opened")?.bytes ?? new Uint8Array();
    const own = JSON.stringify(looseOf(pack).dsse);
    const mutants = sample(changesOf(envelopes), 120).flatMap((change) => {
      try {
        const { dsse } = looseOf(resealed(change.of.bytes, (document) => apply(change, document))).integrity;
        const bytes = forgedPack(pack, (document) => (document.dsse = dsse));
        return [{ name: nameOf(change), bytes, isOwn: JSON.stringify(dsse) === own }];
      } catch {
        return []; // what was changed can no longer be hashed
      }
    });
    expect(mutants.filter(({ isOwn }) => !isOwn).length).toBeGreaterThan(50);
    expect(expectAgreement(mutants).map(({ ok }) => ok)).toEqual(mutants.map(({ isOwn }) => isOwn));
  });

  test("agrees on receipts, key receipts and checkpoints with a byte changed", () => {
    const whole = [
      "policies/old-envelope-held-across-keys",
      "policies/witnessed-and-held",
      "policies/receipt-of-an-amendment",
    ];
    const asked = whole.flatMap((name) => {
      const policy = readPolicy(readCase(`${name}.json`));
      return filesOf(policy).flatMap((path) =>
        bytesChanged([{ name: path, bytes: readCase(path) }], 12).map((mutant, n) => ({
          ...mutant,
          policy: withFile(policy, path, mutant.bytes, `${name.slice(9)}-${path.replaceAll("/", "-")}-${n}`),
        })),
      );
    });
    const files = asked.map(({ policy }, n) => {
      const file = join(folder, `policy-${n}.json`);
      writeFileSync(file, JSON.stringify(policy));
      return file;
    });
    const told = runSecond(["--policies"], files);
    const first = asked.map(({ policy }) => judge(readCase(policy.file), policyOf(policy)));
    expectSame(
      asked,
      first,
      told.map(({ ok, level, codes, witnesses }) => ({ ok, level, codes, witnesses })),
    );
    expect(asked.length).toBeGreaterThan(80);
    expect(told.filter(({ ok }) => ok).length).toBeLessThan(told.length / 4);
  });

  test("agrees on a log with a byte of any file changed, and takes none of them", () => {
    const from = join(CONFORMANCE, "logs/desk");
    const files = ["checkpoint", "log.vkey", "tile/0/000.p/14", "tile/entries/000.p/14"];
    const folders = files.flatMap((file) =>
      bytesChanged([{ name: file, bytes: readFileSync(join(from, file)) }], 10).map(({ name, bytes }, n) => {
        const to = join(folder, `log-${files.indexOf(file)}-${n}`);
        cpSync(from, to, { recursive: true });
        writeFileSync(join(to, file), bytes);
        return { name, to };
      }),
    );
    const told = runSecond(
      ["--logs"],
      folders.map(({ to }) => to),
    );
    expectSame(
      folders,
      folders.map(({ to }) => ({ codes: judgeLog(to) })),
      told.map(({ codes }) => ({ codes })),
    );
    // A line feed more or less behind a key says the same key.
    const others = folders.filter(({ name }) => !name.includes("log.vkey"));
    expect(others.filter(({ to }) => judgeLog(to).length === 0)).toEqual([]);
  });
});

const filesOf = ({ receipt, key_receipts = [], held }: Policy): readonly string[] => [
  ...(receipt === undefined ? [] : [receipt]),
  ...key_receipts,
  ...(held === undefined ? [] : [held.checkpoint]),
];

/** The policy with another file in the place of one; paths outside are taken as they are. */
function withFile(policy: Policy, path: string, bytes: Uint8Array, name: string): Policy {
  const to = join(folder, name);
  writeFileSync(to, bytes);
  const relative = join("..", "..", "..", "..", "..", "..", "..", to);
  return JSON.parse(JSON.stringify(policy).replaceAll(JSON.stringify(path), JSON.stringify(relative)));
}
