/**
 * Golden tables: what is to be found in a delivery, in files that a person reads and corrects (test/golden/<provider>.yaml). A row's
 * name says where its body lies: `octokit:<event>/<n>` in @octokit/webhooks-examples, `shared:<path>` among the real payloads that
 * stand beside the repository on the machines of its developers (`shared:<path>#<member>` where the file wraps the body), anything
 * else in the row itself.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { isCollection, parse, parseDocument, visit, type Document } from "yaml";
import { z } from "zod";
import type { Facts } from "../../src/core/delivery.ts";
import { sha256OfBytes } from "../../src/ingress/artifacts.ts";
import { readPayload } from "../../src/providers/payload.ts";
import type { PayloadMap, Provider, ReadDelivery } from "../../src/providers/provider.ts";

const root = path.resolve(import.meta.dirname, "..");
const shared = path.resolve(root, "..", "..", "shared", "payloads");

const octokit = z
  .array(z.object({ name: z.string(), examples: z.array(z.unknown()) }))
  .parse(createRequire(import.meta.url)("@octokit/webhooks-examples"));

/** Every example of the package, as a row names it. */
export const octokitRows: ReadonlyMap<string, { readonly event: string; readonly body: unknown }> = new Map(
  octokit.flatMap(({ name: event, examples }) =>
    examples.map((body, index) => [`octokit:${event}/${index}`, { event, body }] as const),
  ),
);

const Row = z.strictObject({
  /** What the sender's headers say, beside the signature. */
  headers: z.record(z.string(), z.string()).default({}),
  /** For rows whose body stands nowhere else. A text is sent as it is, anything else as JSON. */
  body: z.unknown().optional(),
  /** What is to be found; a fact that is not named is null. `delivery_id` is left out where it is the body's hash. */
  facts: z.record(z.string(), z.unknown()).optional(),
});
export type GoldenRow = {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when the payloads beside the repository are not there. */
  readonly body: Uint8Array | undefined;
  /** Undefined where nobody has said yet what is to be found. */
  readonly facts: Readonly<Record<string, unknown>> | undefined;
};

const fileOf = (provider: string): string => path.join(root, "golden", `${provider}.yaml`);
const textOf = (provider: string): string =>
  existsSync(fileOf(provider)) ? readFileSync(fileOf(provider), "utf8") : "";

export const sharedPayloads = existsSync(shared) ? shared : undefined;

/** Empty for a provider that has no table. */
export const goldenRows = (provider: string): readonly GoldenRow[] => rowsIn(parse(textOf(provider)) ?? {});

function rowsIn(table: unknown): readonly GoldenRow[] {
  return Object.entries(z.record(z.string(), Row).parse(table)).map(([name, { headers, body, facts }]) => ({
    name,
    headers,
    body: body === undefined ? bodyAt(name) : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    facts,
  }));
}

function bodyAt(name: string): Uint8Array | undefined {
  const [source, place = ""] = name.split(/:(.*)/s);
  if (source === "shared") return sharedPayloads === undefined ? undefined : sharedBody(sharedPayloads, place);
  if (source !== "octokit") throw new Error(`the golden row ${name} has no body`);
  const example = octokitRows.get(name);
  if (example === undefined) throw new Error(`there is no example ${place}`);
  return Buffer.from(JSON.stringify(example.body));
}

export function deliveryOf(provider: Provider, { headers: sent, body = Buffer.alloc(0) }: GoldenRow): ReadDelivery {
  const headers = new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), [value]] as const));
  const payload = readPayload(body, headers.get("content-type")?.[0], provider.form_json);
  return { headers, sha256: sha256OfBytes(body), payload };
}

function sharedBody(folder: string, place: string): Uint8Array {
  const [file = "", member] = place.split("#");
  const bytes = readFileSync(path.join(folder, file));
  if (member === undefined) return bytes;
  const wrapping = z.record(z.string(), z.unknown()).parse(JSON.parse(bytes.toString()));
  return Buffer.from(JSON.stringify(wrapping[member]));
}

/** What the provider finds, without what is null, in the form of a golden row. */
export function foundIn(
  provider: Provider,
  row: GoldenRow,
  map: PayloadMap = { event: "/event" },
): Readonly<Record<string, unknown>> {
  const delivery = deliveryOf(provider, row);
  const facts: Facts = provider.normalize(delivery, map);
  return Object.fromEntries(
    Object.entries(facts).filter(
      ([name, value]) =>
        value !== null && name !== "provider" && !(name === "delivery_id" && value === delivery.sha256),
    ),
  );
}

/**
 * `GOLDEN=write` says in each row that has no `facts` what is found now, and leaves every other row as a person left it;
 * `GOLDEN=<provider>` says it anew in every row of that provider. For a person to read through and correct, never for the gate.
 */
export const writesGolden = (provider: string): boolean =>
  process.env["GOLDEN"] === "write" || process.env["GOLDEN"] === provider;

/** The order of rows stays, and so do comments outside of what is said anew. A table is begun by hand. */
export function writeGolden(provider: Provider): void {
  if (!existsSync(fileOf(provider.name))) return;
  const table: Document = parseDocument(textOf(provider.name));
  if (table.contents === null) table.contents = table.createNode({});
  if (provider.name === "github") addMissingExamples(table);
  for (const row of rowsIn(table.toJS())) {
    const wanted = row.facts === undefined || process.env["GOLDEN"] === provider.name;
    if (wanted && row.body !== undefined) table.setIn([row.name, "facts"], table.createNode(foundIn(provider, row)));
  }
  layOut(table);
  writeFileSync(fileOf(provider.name), table.toString({ lineWidth: 0 }));
}

function addMissingExamples(table: Document): void {
  for (const [name, { event }] of octokitRows) {
    if (!table.has(name)) table.set(name, table.createNode({ headers: { "x-github-event": event } }));
  }
}

/** Headers and an order by a mark stand in one line, so that a row is read at a glance; two hashes are too long for that. */
const SHORT_MAX = 3;
function layOut(table: Document): void {
  visit(table, {
    Pair: (_key, { key, value }) => {
      const name = String(key);
      if ((name === "headers" || name === "order") && isCollection(value)) value.flow = value.items.length <= SHORT_MAX;
    },
  });
}
