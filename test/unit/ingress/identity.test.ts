import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isUuid } from "../../../src/core/ids.ts";
import { readDelivery } from "../../../src/ingress/delivery.ts";
import { runIdFor, type Dedupe, type DedupeKey } from "../../../src/ingress/identity.ts";
import { uuidAt } from "../../../src/ingress/uuid.ts";
import { providers } from "../../../src/providers/index.ts";
import { NOW, signed, webhook } from "../../support/ingress-desk.ts";

function keyFor(dedupe: Dedupe, body: string, delivery?: string): DedupeKey {
  const raw = signed(body, { "x-qoc-delivery": delivery });
  return readDelivery(raw, providers.qoc, "desk", webhook({ dedupe, map: { event: "/event", id: "/id" } }), 0).key;
}
const sha = (body: string): string => createHash("sha256").update(body).digest("hex");

describe("what makes two deliveries one", () => {
  test.each([
    ["the body", { kind: "body" }, "{}", "D-1", { by: "body", value: sha("{}") }],
    ["the id of the header", { kind: "id+body" }, "{}", "D-1", { by: "id", value: "D-1" }],
    ["the id of the body", { kind: "id+body" }, '{"id":7}', "D-1", { by: "id", value: "7" }],
    ["the body, without an id", { kind: "id+body" }, "{}", undefined, { by: "body", value: sha("{}") }],
    ["the value at the path", { kind: "path", pointer: "/a" }, '{"a":1.50}', "D-1", { by: "path", value: "1.50" }],
    [
      "the body, with nothing at the path",
      { kind: "path", pointer: "/a" },
      "{}",
      "D-1",
      { by: "body", value: sha("{}") },
    ],
    ["the body, when it is not JSON", { kind: "path", pointer: "/a" }, "x", undefined, { by: "body", value: sha("x") }],
  ] as const)("is %s", (_name, dedupe, body, delivery, key) => {
    expect(keyFor(dedupe, body, delivery)).toEqual(key);
  });
});

describe("a run id", () => {
  const key: DedupeKey = { by: "id", value: "D-1" };

  test("is a UUID of version 8 that stays the same over releases", () => {
    expect(runIdFor("equity-desk", "price-alert", key)).toBe("00991b8a-57d7-8d4b-b25a-c562cadff5e1");
  });

  test("is another for another workspace, webhook, kind of key or value, however they are cut", () => {
    const part = fc.oneof(fc.string(), fc.constantFrom("a", "a/b", 'a","b', "\ud800", "\ufffd", "\udc00"));
    const identity = fc.tuple(part, part, fc.constantFrom<DedupeKey["by"]>("body", "id", "path"), part);
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const same = one.every((text, index) => text === other[index]);
        const [a, b] = [one, other].map(([desk, name, by, value]) => runIdFor(desk, name, { by, value }));
        expect(a === b).toBe(same);
        expect(isUuid(a ?? "")).toBe(true);
        expect(a).toMatch(/^.{14}8.{4}[89ab]/);
      }),
      { seed: 1 },
    );
  });
});

test("an evidence id is a UUID of version 7: its time, then its random bytes", () => {
  expect(uuidAt(NOW, new Uint8Array(10).fill(0xff))).toBe("019f3286-7748-7fff-bfff-ffffffffffff");
  expect(uuidAt(NOW, new Uint8Array(10))).toBe("019f3286-7748-7000-8000-000000000000");
});
