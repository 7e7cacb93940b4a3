import canonicalize from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leafBefore, leafBytes, leafKey, readLeaf, type LogLeaf } from "../../../../src/evidence/log/leaf.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const SEAL = "0123456789abcdef".repeat(4);
const textOf = (leaf: LogLeaf): string => Buffer.from(leafBytes(leaf)).toString();
const read = (text: string): LogLeaf | undefined => readLeaf(Buffer.from(text));

const seal = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("hex"));
const base64 = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString("base64"));
const leaves: fc.Arbitrary<LogLeaf> = fc.oneof(
  fc.record({ kind: fc.constant("seal" as const), seal }),
  fc.record({ kind: fc.constant("amendment" as const), seal, of: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant("received" as const), mark: seal }),
  fc.record({ kind: fc.constant("erasure" as const), of: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant("key" as const), key: base64(32), prev: seal, auth: base64(64), pop: base64(64) }),
  fc.record({
    kind: fc.constant("epoch" as const),
    epoch: fc.integer({ min: 2 }),
    root: base64(32),
    size: fc.maxSafeNat(),
  }),
);

/** The members besides `v` and `t`. */
function membersOf(leaf: LogLeaf): object {
  if (leaf.kind === "epoch") return { epoch: leaf.epoch, prev: { size: leaf.size, root: leaf.root } };
  const { kind: _, ...members } = leaf;
  return members;
}

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
        expect(textOf(leaf)).toBe(canonicalize({ v: 1, t: leaf.kind, ...membersOf(leaf) }));
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
    expect(() => leafBytes({ kind: "amendment", seal: SEAL, of: wrong })).toThrow(
      Number.isFinite(wrong) ? "assertion failed" : "not I-JSON",
    );
  });
});

describe("the other leaves", () => {
  const KEY = Buffer.alloc(32, 7).toString("base64");
  const SIGNATURE = Buffer.alloc(64, 9).toString("base64");

  test("stand for a delivery, an erasure, a key and an epoch", () => {
    expect(textOf({ kind: "received", mark: SEAL })).toBe(`{"mark":"${SEAL}","t":"received","v":1}`);
    expect(textOf({ kind: "erasure", of: 3 })).toBe(`{"of":3,"t":"erasure","v":1}`);
    expect(textOf({ kind: "key", key: KEY, prev: SEAL, auth: SIGNATURE, pop: SIGNATURE })).toBe(
      `{"auth":"${SIGNATURE}","key":"${KEY}","pop":"${SIGNATURE}","prev":"${SEAL}","t":"key","v":1}`,
    );
    expect(textOf({ kind: "epoch", epoch: 2, root: KEY, size: 12 })).toBe(
      `{"epoch":2,"prev":{"root":"${KEY}","size":12},"t":"epoch","v":1}`,
    );
  });

  test.each([
    ["a first epoch", `{"epoch":1,"prev":{"root":"${KEY}","size":12},"t":"epoch","v":1}`],
    ["a root with a bit too many", `{"epoch":2,"prev":{"root":"${KEY.slice(0, -2)}d=","size":12},"t":"epoch","v":1}`],
    ["a root without padding", `{"epoch":2,"prev":{"root":"${KEY.slice(0, -1)}","size":12},"t":"epoch","v":1}`],
    [
      "a key of 31 bytes",
      `{"auth":"${SIGNATURE}","key":"${Buffer.alloc(31).toString("base64")}","pop":"${SIGNATURE}","prev":"${SEAL}","t":"key","v":1}`,
    ],
    ["a key without its authority", `{"key":"${KEY}","pop":"${SIGNATURE}","prev":"${SEAL}","t":"key","v":1}`],
    ["an erasure of a seal hash", `{"of":"${SEAL}","t":"erasure","v":1}`],
    ["a mark in capitals", `{"mark":"${SEAL.toUpperCase()}","t":"received","v":1}`],
  ])("are none with %s", (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test("are known by their seal, their mark, or the hash of their bytes, and by nothing else of this log", () => {
    expect(leafKey({ kind: "amendment", seal: SEAL, of: 1 })).toBe(SEAL);
    expect(leafKey({ kind: "received", mark: SEAL })).toBe(SEAL);
    expect(leafKey({ kind: "erasure", of: 1 })).not.toBe(leafKey({ kind: "erasure", of: 2 }));
    expect(leafKey({ kind: "erasure", of: 1 })).toMatch(/^[0-9a-f]{64}$/);
  });

  test("say which leaf must stand before them", () => {
    expect([leafBefore({ kind: "amendment", seal: SEAL, of: 4 }), leafBefore({ kind: "erasure", of: 5 })]).toEqual([
      4, 5,
    ]);
    expect(leafBefore({ kind: "received", mark: SEAL })).toBeUndefined();
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
