/** RFC 8785: what others published, through `canonical` and through the second verifier's. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { canonical } from "../../src/core/canonical.ts";
import { parseIJson } from "../../src/core/json.ts";
import { CHECKSUMS, es6Numbers } from "./es6-numbers.ts";

describe("the published checksums of numbers", { timeout: 60_000 }, () => {
  test("are those of ours, up to a million", () => {
    const hash = createHash("sha256");
    const last = CHECKSUMS.at(-1)?.[0] ?? 0;
    const found: (readonly [lines: number, sha256: string, bytes: number])[] = [];
    let [lines, bytes, held] = [0, 0, ""];
    for (const [bits, value] of es6Numbers()) {
      held += `${bits},${canonical(value)}\n`;
      lines += 1;
      if (lines % 1000 !== 0) continue;
      hash.update(held);
      bytes += held.length;
      held = "";
      if (CHECKSUMS.some(([count]) => count === lines)) found.push([lines, hash.copy().digest("hex"), bytes]);
      if (lines === last) break;
    }
    expect(found).toEqual(CHECKSUMS);
  });

  const hasPython = spawnSync("python3", ["--version"]).status === 0;
  if (!hasPython) process.stdout.write("skipped: numbers of the second verifier need python3\n");
  test.skipIf(!hasPython)("are those of the second verifier, up to a hundred thousand", () => {
    const [count, sha256] = CHECKSUMS[2];
    const bits: string[] = [];
    for (const [text] of es6Numbers()) if (bits.push(text) === count) break;
    const program = [
      "import hashlib, struct, sys",
      "sys.dont_write_bytecode = True",
      "from jcs import canonical",
      "double = lambda bits: struct.unpack('>d', bytes.fromhex(bits.rjust(16, '0')))[0]",
      "lines = (bits.encode() + b',' + canonical(double(bits)) + b'\\n' for bits in sys.stdin.read().split())",
      "print(hashlib.sha256(b''.join(lines)).hexdigest())",
    ].join("\n");
    const cwd = new URL("../conformance/", import.meta.url);
    const ran = spawnSync("python3", ["-c", program], { cwd, input: bits.join("\n"), encoding: "utf8" });
    expect([ran.stderr, ran.stdout.trim()]).toEqual(["", sha256]);
  });
});

describe("the examples of the RFC", () => {
  const read = (text: string): string => {
    const parsed = parseIJson(text, { depthMax: 512 });
    return parsed.kind === "json" ? canonical(parsed.value) : parsed.reason;
  };

  test("3.2.2: white space, numbers, strings and literals", () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const bytes =
      "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d";
    expect(Buffer.from(read(input)).toString("hex")).toBe(bytes);
  });

  test("3.2.3: names by UTF-16 code unit", () => {
    const input = String.raw`{
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }`;
    const order = [...read(input).matchAll(/:"([^"]*)"/g)].map(([, value]) => value);
    expect(order).toEqual([
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
  });

  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("appendix B: the double %s is %s", (bits, text) => {
    expect(canonical(Buffer.from(bits, "hex").readDoubleBE())).toBe(text);
  });
});
