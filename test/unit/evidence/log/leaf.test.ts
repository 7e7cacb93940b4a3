import canonicalize from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leafBytes, readLeaf, type LogLeaf } from "../../../../src/evidence/log/leaf.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const SEAL = "0123456789abcdef".repeat(4);
const textOf = (leaf: LogLeaf): string => Buffer.from(leafBytes(leaf)).toString();
const read = (text: string): LogLeaf | undefined => readLeaf(Buffer.from(text));

const seal = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex"));
const leaves: fc.Arbitrary<LogLeaf> = fc.oneof(
  fc.record({ kind: fc.constant("seal" as const), seal }),
  fc.record({ kind: fc.constant("amendment" as const), seal, of: fc.maxSafeNat() }),
);

describe("the bytes of a leaf", () => {
  test("are these for the seal of an envelope", () => {
    expect(textOf({ kind: "seal", seal: SEAL })).toBe(`{"seal":"${SEAL}","t":"seal","v":1}`);
  });

  test("name the index of the base for an amendment", () => {
    expect(textOf({ kind: "amendment", seal: SEAL, of: 12 })).toBe(`{"of":12,"seal":"${SEAL}","t":"amendment","v":1}`);
  });

  test("are the RFC 8785 form of another implementation", () => {
    fc.assert(
      fc.property(leaves, (leaf) => {
        const members = { v: 1, t: leaf.kind, seal: leaf.seal, ...(leaf.kind === "amendment" ? { of: leaf.of } : {}) };
        expect(textOf(leaf)).toBe(canonicalize(members));
      }),
    );
  });

  test("fit in an entry of the log, whatever the index", () => {
    const longest = leafBytes({ kind: "amendment", seal: SEAL, of: Number.MAX_SAFE_INTEGER });
    expect(longest.length).toBe(119);
    expect(readLeaf(longest)).toEqual({ kind: "amendment", seal: SEAL, of: Number.MAX_SAFE_INTEGER });
  });

  test.each(["", SEAL.toUpperCase(), SEAL.slice(1), `${SEAL}0`, `${SEAL}\n`, `${SEAL.slice(1)}"`])(
    "are not made of the seal hash %j: it is our bug",
    (wrong) => {
      expect(() => leafBytes({ kind: "seal", seal: wrong })).toThrow("assertion failed");
      expect(() => leafBytes({ kind: "amendment", seal: wrong, of: 0 })).toThrow("assertion failed");
    },
  );

  test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])("are not made of the index %d", (wrong) => {
    expect(() => leafBytes({ kind: "amendment", seal: SEAL, of: wrong })).toThrow("assertion failed");
  });
});

describe("a leaf that is read", () => {
  test("is the one that was written", () => {
    fc.assert(
      fc.property(leaves, (leaf) => {
        expect(readLeaf(leafBytes(leaf))).toEqual(leaf);
      }),
    );
  });

  test("has no other bytes: a changed, added or missing byte is another leaf or none", () => {
    const places = fc.record({ leaf: leaves, at: fc.nat(140), byte: fc.nat(255), cut: fc.nat(1), put: fc.nat(1) });
    let accepted = 0;
    fc.assert(
      fc.property(places, ({ leaf, at, byte, cut, put }) => {
        const bytes = Buffer.from([...leafBytes(leaf)].toSpliced(at, cut, ...(put === 1 ? [byte] : [])));
        const found = readLeaf(bytes);
        const again = found === undefined ? bytes : Buffer.from(leafBytes(found));
        if (found !== undefined) accepted += 1;
        expect(again.equals(bytes)).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(500);
    expect(accepted).toBeLessThan(4000);
  });

  test.each([
    ["nothing", ""],
    ["null", "null"],
    ["a space", `{"seal": "${SEAL}","t":"seal","v":1}`],
    ["a line feed behind", `{"seal":"${SEAL}","t":"seal","v":1}\n`],
    ["a byte order mark", `\uFEFF{"seal":"${SEAL}","t":"seal","v":1}`],
    ["another order", `{"v":1,"t":"seal","seal":"${SEAL}"}`],
    ["a member twice", `{"seal":"${SEAL}","t":"seal","t":"seal","v":1}`],
    ["an unknown member", `{"seal":"${SEAL}","t":"seal","u":1,"v":1}`],
    ["an escape", `{"seal":"${SEAL}","t":"se\\u0061l","v":1}`],
    ["another version", `{"seal":"${SEAL}","t":"seal","v":2}`],
    ["another spelling of the version", `{"seal":"${SEAL}","t":"seal","v":1.0}`],
    ["another type", `{"seal":"${SEAL}","t":"erasure","v":1}`],
    ["capital hex", `{"seal":"${SEAL.toUpperCase()}","t":"seal","v":1}`],
    ["a short hash", `{"seal":"${SEAL.slice(2)}","t":"seal","v":1}`],
    ["a seal of something", `{"of":1,"seal":"${SEAL}","t":"seal","v":1}`],
    ["an amendment of nothing", `{"seal":"${SEAL}","t":"amendment","v":1}`],
    ["an amendment of null", `{"of":null,"seal":"${SEAL}","t":"amendment","v":1}`],
    ["two leaves", `{"seal":"${SEAL}","t":"seal","v":1}{"seal":"${SEAL}","t":"seal","v":1}`],
    ["two lines", `{"seal":"${SEAL}","t":"seal","v":1}\n{"seal":"${SEAL}","t":"seal","v":1}`],
  ])("is none with %s", (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  const indexes = [
    "-1",
    "-0",
    "01",
    "1.0",
    "1e0",
    "0.5",
    '"1"',
    " 1",
    "9007199254740992",
    "9007199254740993",
    "1".repeat(17),
  ];
  test.each(indexes)("is none with the index %s", (of) => {
    expect(read(`{"of":${of},"seal":"${SEAL}","t":"amendment","v":1}`)).toBeUndefined();
  });

  test("is none in bytes that are no ASCII, or in very many of them", () => {
    const bytes = leafBytes({ kind: "seal", seal: SEAL });
    expect(readLeaf(bytes.map((byte) => byte | 0x80))).toBeUndefined();
    expect(readLeaf(Buffer.from(Buffer.from(bytes).toString(), "utf16le"))).toBeUndefined();
    expect(readLeaf(new Uint8Array(50_000_000))).toBeUndefined();
  });
});
