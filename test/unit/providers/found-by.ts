/** What the tests of single senders have in common: deliveries that say only what a test is about, signed and read. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Facts, OrderSignal } from "../../../src/core/delivery.ts";
import { isWellFormed } from "../../../src/core/json-reader.ts";
import type { PayloadMap, Provider } from "../../../src/providers/provider.ts";
import { verify } from "../../../src/providers/verify.ts";
import { deliveryOf, goldenRows } from "../../support/golden.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

type Headers = Readonly<Record<string, string>>;
export type Found = {
  readonly headers?: Headers;
  readonly map?: PayloadMap;
};

/** A text is sent as it is, anything else as JSON. */
export function foundBy(
  provider: Provider,
  body: unknown,
  { headers = {}, map = { event: "/event" } }: Found = {},
): Facts {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return provider.normalize(deliveryOf(provider, { name: "", headers, body: bytes, facts: undefined }), map);
}

/** As a subject compares them: by code unit, then by rank. */
export function isAscending(orders: readonly (OrderSignal | null)[]): boolean {
  return orders.every((order, i) => {
    const before = orders[i - 1];
    if (order?.kind !== "mark") return false;
    if (before?.kind !== "mark") return before === undefined;
    return before.mark < order.mark || (before.mark === order.mark && before.rank < order.rank);
  });
}

export type Sent = {
  readonly headers: Headers;
  readonly body: string;
  readonly secrets: readonly string[];
  readonly now_ms?: number;
};
/** The place of the secret that verified it, or what was wrong. */
export function verdictOn(provider: Provider, { headers, body, secrets, now_ms = 0 }: Sent): number | string {
  const raw = {
    target: "/",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
    body: Buffer.from(body),
  };
  const world = { secrets: secrets.map((secret) => Buffer.from(secret)), public_url: null, now: now_ms };
  const verdict = verify(raw, provider.schemes, world);
  return verdict.kind === "verified" ? verdict.secretIndex : verdict.fault;
}

/** What is wrong with facts: too much of them, something that could not stand in a journal, or a commit of a sender that has none. */
function wrongIn(facts: Facts): readonly string[] {
  const text = JSON.stringify(facts);
  return [
    text.length < 8 * 1024 ? "" : "size",
    Object.values(facts).every((fact) => typeof fact !== "string" || isWellFormed(fact)) ? "" : "half a surrogate pair",
    /^[\x21-\x7e]{1,128}$/.test(facts.delivery_id) ? "" : "delivery_id",
    facts.ref === null && facts.commit_sha === null ? "" : "commit",
  ].filter((wrong) => wrong !== "");
}

/** For senders that never name a commit. */
export function readsAnything(provider: Provider): void {
  describe("whatever is sent, there are facts and no exception:", () => {
    const rows = goldenRows(provider.name).filter(({ body }) => body !== undefined);
    const headers = fc.constantFrom(...rows.map((row) => row.headers));

    test("any JSON", () => {
      fc.assert(
        fc.property(fc.jsonValue(), headers, (body, sent) => {
          expect(wrongIn(foundBy(provider, body, { headers: sent }))).toEqual([]);
        }),
      );
    });

    test("any text, as JSON and as a form", () => {
      const type = fc.constantFrom("application/json", "application/x-www-form-urlencoded", "");
      const text = fc.oneof(fc.string({ unit: "binary" }), fc.webQueryParameters());
      fc.assert(
        fc.property(text, type, (body, content) => {
          expect(wrongIn(foundBy(provider, body, { headers: { "content-type": content } }))).toEqual([]);
        }),
      );
    });

    test("any header", () => {
      const text = fc.string({ unit: "binary", maxLength: 300 });
      const names = provider.headers_kept.filter((name) => !name.startsWith("content-"));
      fc.assert(
        fc.property(fc.record(Object.fromEntries(names.map((name) => [name, text]))), (sent) => {
          expect(wrongIn(foundBy(provider, { id: 1, data: {} }, { headers: sent }))).toEqual([]);
        }),
      );
    });

    test("a known payload with any of its nodes gone or another", () => {
      const bodies = rows.flatMap((row): unknown[] => {
        const { payload } = deliveryOf(provider, row);
        return payload.kind === "json" ? [jsonOf(row.body ?? Buffer.alloc(0))] : [];
      });
      const node = fc.oneof(fc.constant(undefined), fc.constant("\u0000"), fc.string(), fc.jsonValue({ maxDepth: 2 }));
      fc.assert(
        fc.property(fc.constantFrom(...bodies), fc.nat(), node, headers, (body, at, other, sent) => {
          const changed = changedAt(body, at, other);
          expect(
            wrongIn(foundBy(provider, changed, { headers: { ...sent, "content-type": "application/json" } })),
          ).toEqual([]);
        }),
      );
    });
  });
}

function jsonOf(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString();
  return JSON.parse(new URLSearchParams(text).get("payload") ?? text);
}

/** The tree with its n-th node replaced, counted around; a node that becomes undefined is gone from its object. */
function changedAt(tree: unknown, n: number, other: unknown): unknown {
  let left = n % count(tree);
  const walk = (node: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return other;
    }
    left -= 1;
    if (Array.isArray(node)) return node.map((item) => walk(item));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value)]));
  };
  return walk(tree) ?? null;
}

function count(tree: unknown): number {
  if (typeof tree !== "object" || tree === null) return 1;
  return Object.values(tree).reduce((sum: number, node) => sum + count(node), 1);
}
