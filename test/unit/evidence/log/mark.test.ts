import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readLeaf, leafBytes } from "../../../../src/evidence/log/leaf.ts";
import { markOf } from "../../../../src/evidence/log/mark.ts";

const ID = "0198f0c0-0000-7000-8000-000000000001";
const key = Buffer.alloc(32, 7);

describe("the mark of a run", () => {
  test("is HMAC-SHA256 under the disclosure key over its label, a line feed and the evidence id", () => {
    const message = Buffer.concat([Buffer.from("qoc.evidence/v1/received"), Buffer.of(0x0a), Buffer.from(ID)]);
    expect(markOf(key, ID)).toBe(createHmac("sha256", key).update(message).digest("hex"));
    expect(markOf(key, ID)).toBe("6b6e5640daa57a8d31c8615e3f79847ac515b2e8c8121c2644a29dd4881d61e1");
  });

  test("is another one under another key, and for another run", () => {
    const marks = [markOf(key, ID), markOf(Buffer.alloc(32, 8), ID), markOf(key, ID.replace("1", "2"))];
    expect(new Set(marks).size).toBe(3);
  });

  test("has the form that a leaf asks for", () => {
    const leaf = { kind: "received", mark: markOf(key, ID) } as const;
    expect(readLeaf(leafBytes(leaf))).toEqual(leaf);
  });
});
