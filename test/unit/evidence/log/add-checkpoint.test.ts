import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contradictionOf,
  nothingCosigned,
  readAddCheckpoint,
  readSubmission,
  writeAddCheckpoint,
} from "../../../../src/evidence/log/add-checkpoint.ts";
import { historyOf, LOG, logSigner, verifierOf } from "../../witness/witness-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 500 });

const history = historyOf("honest", 40, 40);
const keys = [verifierOf(logSigner.vkey)];

/** The request that https://c2sp.org/tlog-witness shows. */
const SHOWN = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;

describe("a request", () => {
  test("of the page is read, and written again as it stands", () => {
    const read = readAddCheckpoint(Buffer.from(SHOWN));
    expect([read?.old, read?.proof.length, read?.note.split("\n")[0]]).toEqual([
      20_852_014,
      4,
      "example.com/behind-the-sofa",
    ]);
    expect(read === undefined ? "" : writeAddCheckpoint(read)).toBe(SHOWN);
  });

  test("is read to what writes it again, or not at all, whatever byte of it changes", () => {
    const whole = history.request(5, 9);
    for (let at = 0; at < whole.length; at += 1) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ bit;
        const read = readAddCheckpoint(changed);
        expect(read === undefined || Buffer.from(writeAddCheckpoint(read)).equals(changed)).toBe(true);
      }
    }
  });

  test("that changed anywhere is cosigned by nobody, short of its other signatures", () => {
    const whole = history.request(5, 9);
    const held = { size: 5, root: history.root(5) };
    const isTaken = (bytes: Uint8Array): boolean => {
      const read = readSubmission(bytes, (origin) => (origin === LOG ? keys : []));
      return read.kind === "submission" && contradictionOf(read, held) === undefined;
    };
    expect(isTaken(whole)).toBe(true);
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect([at, isTaken(changed)]).toEqual([at, false]);
      expect([at, isTaken(Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]))]).toEqual([at, false]);
    }
  });

  test("of any bytes is answered, never thrown at", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom("old 0", "old 5", "", LOG, "9", ...SHOWN.split("\n")));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(line).map((lines) => Buffer.from(lines.join("\n"))),
        ),
        (bytes) => {
          expect(readSubmission(bytes, () => keys).kind).toBe("refused");
        },
      ),
    );
  });
});

test("every size continues every smaller one, and no other history's", () => {
  const other = historyOf("other", 3, 40);
  for (let old = 1; old <= 20; old += 1) {
    for (let size = old; size <= 20; size += 1) {
      const read = readSubmission(history.request(old, size), () => keys);
      if (read.kind === "refused") throw new Error(read.code);
      expect(contradictionOf(read, { size: old, root: history.root(old) })).toBeUndefined();
      const stranger = contradictionOf(read, { size: old, root: other.root(old) });
      expect(stranger?.code).toBe(old <= 3 ? undefined : old === size ? "ROOT_OTHER" : "PROOF_INVALID");
      expect(contradictionOf(read, nothingCosigned)?.code).toBe("OLD_SIZE_OTHER");
    }
  }
});
