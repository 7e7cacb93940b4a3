import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactDecimal, readCheckpoint, writeCheckpoint } from "../../../../src/evidence/log/checkpoint.ts";
import { anyString, arche, sumdb } from "./note-vectors.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
const root = Buffer.from(ROOT, "base64");
const origin = "localhost/equity-desk/log";

describe("checkpoints of other logs", () => {
  test.each([
    [
      "the page's example",
      `example.com/behind-the-sofa\n20852163\n${ROOT}\n`,
      "example.com/behind-the-sofa",
      20_852_163,
    ],
    ["the Go checksum database, whose origin has blanks", sumdb.text, "go.sum database tree", 63_096_908],
    ["a CT log", arche.text, "arche2025h1.staging.ct.transparency.dev", 1_432_088_532],
  ])("are read and written alike: %s", (_name, text, from, size) => {
    const checkpoint = readCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin: from, size });
    expect(checkpoint && writeCheckpoint(checkpoint)).toBe(text);
  });
});

describe("readCheckpoint", () => {
  test("passes over extension lines", () => {
    expect(readCheckpoint(`${origin}\n3\n${ROOT}\nfirst\n— second\n`)).toEqual({ origin, size: 3, root });
  });

  test("reads an empty log, and one of 2^53 - 1 leaves", () => {
    expect(readCheckpoint(`${origin}\n0\n${ROOT}\n`)?.size).toBe(0);
    expect(readCheckpoint(`${origin}\n9007199254740991\n${ROOT}\n`)?.size).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    ["nothing", ""],
    ["one line", `${origin}\n`],
    ["two lines", `${origin}\n3\n`],
    ["no line feed at its end", `${origin}\n3\n${ROOT}`],
    ["no line feed behind an extension", `${origin}\n3\n${ROOT}\nextension`],
    ["no origin", `\n3\n${ROOT}\n`],
    ["an empty extension line", `${origin}\n3\n${ROOT}\n\n`],
    ["an empty line between extensions", `${origin}\n3\n${ROOT}\na\n\nb\n`],
    ["no size", `${origin}\n\n${ROOT}\n`],
    ["a leading zero", `${origin}\n03\n${ROOT}\n`],
    ["two zeros", `${origin}\n00\n${ROOT}\n`],
    ["a sign", `${origin}\n+3\n${ROOT}\n`],
    ["a negative size", `${origin}\n-3\n${ROOT}\n`],
    ["a fraction", `${origin}\n3.0\n${ROOT}\n`],
    ["an exponent", `${origin}\n3e1\n${ROOT}\n`],
    ["a hexadecimal size", `${origin}\n0x3\n${ROOT}\n`],
    ["digits of another alphabet", `${origin}\n٣\n${ROOT}\n`],
    ["a blank before the size", `${origin}\n 3\n${ROOT}\n`],
    ["a blank behind the size", `${origin}\n3 \n${ROOT}\n`],
    ["a size that doubles do not count", `${origin}\n9007199254740992\n${ROOT}\n`],
    ["a size of a thousand digits", `${origin}\n${"9".repeat(1000)}\n${ROOT}\n`],
    ["CRLF", `${origin}\r\n3\r\n${ROOT}\r\n`],
    ["no root", `${origin}\n3\nfirst\n`],
    ["a root of 31 bytes", `${origin}\n3\n${Buffer.alloc(31).toString("base64")}\n`],
    ["a root of 33 bytes", `${origin}\n3\n${Buffer.alloc(33).toString("base64")}\n`],
    ["a root without padding", `${origin}\n3\n${ROOT.slice(0, -1)}\n`],
    ["a root with bits in its padding", `${origin}\n3\n${ROOT.replace("I=", "J=")}\n`],
    ["a root in base64url", `${origin}\n3\n${ROOT.replace("/", "_")}\n`],
    ["a root in hex", `${origin}\n3\n${root.toString("hex")}\n`],
    ["a blank behind the root", `${origin}\n3\n${ROOT} \n`],
  ])("does not take %s", (_name, text) => {
    expect(readCheckpoint(text)).toBeUndefined();
  });

  test("gives back what was written", () => {
    const origins = anyString(1).filter((text) => !text.includes("\n"));
    const roots = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(origins, fc.maxSafeNat(), roots, (from, size, bytes) => {
        const checkpoint = { origin: from, size, root: Buffer.from(bytes) };
        expect(readCheckpoint(writeCheckpoint(checkpoint))).toEqual(checkpoint);
      }),
    );
  });

  test("takes of any lines those whose first three it would write, if none is empty", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom(ROOT, ROOT, "", "0", "012", "12", origin));
    const lines = fc.tuple(line, fc.constantFrom("0", "12", "012", ""), fc.constantFrom(ROOT, "AA=="), fc.array(line));
    let taken = 0;
    fc.assert(
      fc.property(lines, ([from, size, hash, extensions]) => {
        const three = `${from}\n${size}\n${hash}\n`;
        const whole = from !== "" && /^(?:0|12)$/.test(size) && hash === ROOT && !extensions.includes("");
        const read = readCheckpoint(`${three}${extensions.map((text) => `${text}\n`).join("")}`);
        taken += whole ? 1 : 0;
        expect(read && writeCheckpoint(read)).toBe(whole ? three : undefined);
      }),
    );
    expect(taken).toBeGreaterThan(10);
  });

  test("takes any text without throwing", () => {
    fc.assert(
      fc.property(anyString(), (text) => {
        expect(readCheckpoint(text)).toBeUndefined();
      }),
    );
  });
});

describe("writeCheckpoint throws on", () => {
  test.each([
    ["an empty origin", { origin: "", size: 0, root }, "one line"],
    ["an origin of two lines", { origin: "a\n1", size: 0, root }, "one line"],
    ["a negative size", { origin, size: -1, root }, "a count"],
    ["a fraction", { origin, size: 1.5, root }, "a count"],
    ["a size that doubles do not count", { origin, size: 2 ** 53, root }, "a count"],
    ["a short root", { origin, size: 1, root: root.subarray(1) }, "32 bytes"],
  ])("%s", (_name, checkpoint, reason) => {
    expect(() => writeCheckpoint(checkpoint)).toThrow(reason);
  });
});

test("exactDecimal reads what counts are written as, and nothing else", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(exactDecimal(String(value))).toBe(value);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.bigInt().map(String)), (text) => {
      const value = exactDecimal(text);
      expect(value === undefined ? /^(0|[1-9][0-9]{0,14})$/.test(text) : String(value) !== text).toBe(false);
    }),
  );
});
