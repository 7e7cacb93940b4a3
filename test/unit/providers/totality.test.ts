/** Whatever a sender signs, `normalize` gives well-formed facts: no exception, no unbounded text, nothing that cannot be an anchor. */
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Facts } from "../../../src/core/delivery.ts";
import { FORM_MEDIA_TYPE } from "../../../src/core/form.ts";
import { sha256OfBytes } from "../../../src/ingress/artifacts.ts";
import { providers } from "../../../src/providers/index.ts";
import { readPayload, type Payload } from "../../../src/providers/payload.ts";
import type { PayloadMap, Provider, ReadDelivery } from "../../../src/providers/provider.ts";
import { brokenPromises } from "../../support/fact-checks.ts";
import { goldenRows, type GoldenRow } from "../../support/golden.ts";
import {
  damage,
  damaged,
  oddNode,
  planted,
  textOf,
  waysIn,
  type Damage,
  type Node,
} from "../../support/payload-damage.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

type Headers = ReadonlyMap<string, readonly string[]>;

/** For senders whose shape is configured: every fact is looked for somewhere. */
const map: PayloadMap = {
  event: "/event",
  id: "/id",
  external_id: "/event/id",
  actor: "/sender/login",
  project: "/repository/full_name",
  ref: "/ref",
  commit_sha: "/after",
  subject: "/ref",
  updated_at: "/updated_at",
};

/** What is wrong with the facts of a delivery; nothing, where all is well. */
function faultsOf(provider: Provider, headers: Headers, body: Uint8Array, type?: string): readonly string[] {
  const sent = Buffer.from(body);
  const read = (): ReadDelivery => ({
    headers,
    sha256: sha256OfBytes(body),
    payload: readPayload(body, type, provider.form_json),
  });
  const delivery = read();
  const facts = provider.normalize(delivery, map);
  const faults = [...brokenPromises(facts, provider.name)];
  if (facts.payload !== delivery.payload.kind) faults.push("the payload was read in another way");
  if (!isDeepStrictEqual(provider.normalize(delivery, map), facts)) faults.push("a second look finds other facts");
  if (!isDeepStrictEqual(provider.normalize(read(), map), facts)) faults.push("a second reading finds other facts");
  if (!sent.equals(body)) faults.push("the body has changed");
  return faults;
}

/** Header names that the provider knows, under any values, so also none, several, and those that its deliveries really have. */
function anyHeaders(provider: Provider, rows: readonly GoldenRow[]): fc.Arbitrary<Headers> {
  const seen = rows.flatMap(({ headers }) => Object.values(headers));
  const value = fc.oneof(
    { arbitrary: fc.constantFrom(...seen, "push"), weight: 3 },
    fc.string({ unit: "binary", maxLength: 300 }),
  );
  const names = [...new Set([...provider.headers_kept, ...rows.flatMap(({ headers }) => Object.keys(headers))])];
  const name = fc.constantFrom(...names.map((known) => known.toLowerCase()));
  const values = fc.oneof({ arbitrary: value.map((only) => [only]), weight: 6 }, fc.array(value, { maxLength: 3 }));
  return fc.array(fc.tuple(name, values), { maxLength: 6 }).map((entries) => new Map(entries));
}

/** The pointers that are followed while the row is read. */
function pointersOf(provider: Provider, { headers, body = Buffer.alloc(0) }: GoldenRow): readonly string[] {
  const sent = headersOf(headers);
  const payload = readPayload(body, sent.get("content-type")?.[0], provider.form_json);
  const asked = new Set<string>();
  const spied =
    <T>(read: (pointer: string) => T) =>
    (pointer: string): T => {
      asked.add(pointer);
      return read(pointer);
    };
  const spy: Payload = {
    kind: payload.kind,
    at: spied(payload.at),
    named: spied(payload.named),
    is: spied(payload.is),
    count: spied(payload.count),
  };
  provider.normalize({ headers: sent, sha256: sha256OfBytes(body), payload: spy }, map);
  return [...asked];
}

const headersOf = (headers: GoldenRow["headers"]): Headers =>
  new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]] as const));
const wayOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));

type Real = { readonly row: GoldenRow; readonly root: Node; readonly ways: readonly (readonly string[])[] };

/** Rows whose body is JSON, each with the ways to the nodes that are looked at, to those above them, and to some that are not. */
function realPayloads(provider: Provider, rows: readonly GoldenRow[]): readonly Real[] {
  return rows.flatMap((row): readonly Real[] => {
    const root = rootOf(row);
    if (root === undefined) return [];
    const asked = pointersOf(provider, row).map((pointer) => wayOf(pointer));
    const above = asked.map((way) => way.slice(0, -1));
    const others = waysIn(root).filter((_way, index) => index % 20 === 0);
    return [{ row, root, ways: [...asked, ...asked, ...above, ...others] }];
  });
}

function rootOf({ body }: GoldenRow): Node | undefined {
  try {
    const root: Node | undefined = body && JSON.parse(body.toString());
    return root;
  } catch {
    return undefined;
  }
}

describe.each(Object.values(providers))("$name gives well-formed facts", (provider) => {
  const own = goldenRows(provider.name).filter(({ body }) => body !== undefined);
  // A sender whose shape is configured has no deliveries of its own to damage.
  const rows = own.length > 0 ? own : goldenRows("github").filter(({ body }) => body !== undefined);
  const headers = anyHeaders(provider, rows);
  const real = realPayloads(provider, rows);

  test("of any JSON", () => {
    fc.assert(
      fc.property(headers, fc.jsonValue(), (sent, value) => {
        expect(faultsOf(provider, sent, Buffer.from(JSON.stringify(value)))).toEqual([]);
      }),
    );
  });

  test("of any bytes, sent as anything", () => {
    const type = fc.constantFrom(undefined, FORM_MEDIA_TYPE, "application/json");
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 100 }), type, (sent, body, media) => {
        expect(faultsOf(provider, sent, body, media)).toEqual([]);
      }),
    );
  });

  test("of any form, also one that holds JSON", () => {
    const name = fc.oneof(fc.constantFrom(provider.form_json ?? "payload", "id", "event"), fc.string());
    const value = fc.oneof(
      oddNode.map((node) => textOf(node)),
      fc.string(),
    );
    fc.assert(
      fc.property(headers, fc.array(fc.tuple(name, value), { maxLength: 5 }), (sent, fields) => {
        expect(faultsOf(provider, sent, Buffer.from(new URLSearchParams(fields).toString()), FORM_MEDIA_TYPE)).toEqual(
          [],
        );
      }),
    );
  });

  test("whatever stands where it looks", () => {
    const pointers = [...new Set(rows.flatMap((row) => pointersOf(provider, row)))];
    const places = fc.array(fc.tuple(fc.constantFrom(...pointers, "/event"), oddNode), { maxLength: 12 });
    fc.assert(
      fc.property(headers, places, (sent, nodes) => {
        const root = nodes.reduce<Node>((document, [pointer, node]) => planted(document, wayOf(pointer), node), {});
        expect(faultsOf(provider, sent, Buffer.from(textOf(root)))).toEqual([]);
      }),
    );
  });

  test("of real payloads with a node deleted, renamed or put in another type", () => {
    const cases = fc
      .constantFrom(...real)
      .chain(({ row, root, ways }) => fc.tuple(fc.constant({ row, root }), fc.constantFrom(...ways), damage));
    fc.assert(
      fc.property(
        cases,
        ([{ row, root }, way, done]: readonly [Pick<Real, "row" | "root">, readonly string[], Damage]) => {
          expect(faultsOf(provider, headersOf(row.headers), Buffer.from(textOf(damaged(root, way, done))))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("damage", () => {
  const push = { ref: "refs/heads/main", pusher: { name: "ada" }, commits: [{ id: 1 }, { id: 2 }] };

  test.each<[string, readonly string[], Damage, string]>([
    ["deletes a member", ["ref"], { kind: "delete" }, '{"pusher":{"name":"ada"},"commits":[{"id":1},{"id":2}]}'],
    [
      "deletes an element",
      ["commits", "0"],
      { kind: "delete" },
      '{"ref":"refs/heads/main","pusher":{"name":"ada"},"commits":[{"id":2}]}',
    ],
    [
      "renames a member",
      ["pusher", "name"],
      { kind: "rename", name: "x" },
      '{"ref":"refs/heads/main","pusher":{"x":"ada"},"commits":[{"id":1},{"id":2}]}',
    ],
    [
      "replaces a node",
      ["commits"],
      { kind: "replace", by: Infinity },
      '{"ref":"refs/heads/main","pusher":{"name":"ada"},"commits":1e999}',
    ],
    ["replaces the whole", [], { kind: "replace", by: [-Infinity] }, "[12345678901234567890.10]"],
    ["deletes the whole", [], { kind: "delete" }, ""],
    ["does nothing where the way leads nowhere", ["absent", "x"], { kind: "delete" }, JSON.stringify(push)],
  ])("%s", (_what, way, done, sent) => {
    expect(textOf(damaged(push, way, done))).toBe(sent);
  });
});

describe("a promise that is broken is seen:", () => {
  const kept: Facts = {
    provider: "github",
    event_type: "push",
    external_event_id: null,
    delivery_id: "D",
    actor: null,
    project: null,
    ref: null,
    commit_sha: "a".repeat(40),
    subject_key: "s",
    order: { kind: "mark", mark: "1", rank: 0 },
    payload: "json",
  };
  const chain = { kind: "chain", before: null, after: "a".repeat(40), forced: false, mark: null } as const;

  test("none of these", () => {
    expect([brokenPromises(kept, "github"), brokenPromises({ ...kept, order: chain }, "github")]).toEqual([[], []]);
  });

  test.each<[string, Partial<Facts>]>([
    ["another provider", { provider: "gitlab" }],
    ["a fact that is empty", { actor: "" }],
    ["a fact that is too long", { project: "x".repeat(257) }],
    ["a fact with a NUL", { ref: "a\u0000" }],
    ["a fact with half a surrogate pair", { event_type: "\ud800" }],
    ["an id that is empty", { delivery_id: "" }],
    ["a subject that is too long", { subject_key: "x".repeat(301) }],
    ["a hash that is abbreviated", { commit_sha: "a".repeat(12) }],
    ["a hash that is all zero", { commit_sha: "0".repeat(40) }],
    ["a hash in capitals", { commit_sha: "A".repeat(40) }],
    ["an empty mark", { order: { kind: "mark", mark: "", rank: 0 } }],
    ["a rank that is no whole number", { order: { kind: "mark", mark: "1", rank: Number.NaN } }],
    ["a chain without ends", { order: { ...chain, after: null } }],
    ["a chain that ends in zeros", { order: { ...chain, before: "0".repeat(40) } }],
  ])("%s", (_how, broken) => {
    expect(brokenPromises({ ...kept, ...broken }, "github")).toHaveLength(1);
  });
});
