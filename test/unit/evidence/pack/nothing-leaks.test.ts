import * as fc from "fast-check";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { seal } from "../../../../src/evidence/seal.ts";
import {
  artifact,
  birth,
  job,
  journal,
  looseOf,
  machine,
  observed,
  redelivered,
  signer,
  transition,
  type Loose,
} from "../support.ts";
import { packOf } from "./pack-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 40 });

/** A run in which no two values are alike, so that one that is found in a pack is found because it leaked. */
const PAYLOAD = Buffer.from('{"event":"zz-payload-event","account":"zz-payload-account"}');
const named = artifact("webhook_request", PAYLOAD);
const conflicting = Buffer.from("zz-conflicting-payload");
const facts = {
  provider: "zz-provider",
  event_type: "zz-event-type",
  external_event_id: "zz-external-id",
  delivery_id: "zz-delivery-id",
  actor: "zz-actor@example.com",
  project: "zz-project",
  ref: "refs/heads/zz-ref",
  commit_sha: "89abcdef012345670123456789abcdef01234567",
  subject_key: "zz-subject-key",
};
const [first, verified, ...rest] = journal(facts, true);
const entries = [first, verified].filter((entry) => entry !== undefined);
const claims = [observed("zz_claimed", ["zz-claim-one", { "zz-claim-name": "zz-claim-value" }, 987_654_321], named)];
const run = {
  ...job([
    ...entries,
    transition(2, "NOTED", "verified", claims, { artifacts: [named] }),
    redelivered(2, "verified", conflicting),
    ...rest,
  ]),
  birth: {
    ...birth,
    producer: { name: "zz-producer", version: "9.87.65", component: "zz-component" },
    runner: { os: "zz-os", arch: "zz-arch", node: "98.76.54" },
    webhook: "zz-webhook",
    request: { ...birth.request, media_type: "application/zz-media" },
  },
  machine: { ...machine, id: "zz-machine", version: "zz-machine-version" },
};
const { bytes } = seal(run, signer);
const envelope = looseOf(bytes);
const chain: Loose[] = envelope.integrity.hash_chain;
const committed: string[] = chain.flatMap((link) => Object.keys(link.fields));
const at = (pointer: string): unknown =>
  pointer
    .slice(1)
    .split("/")
    .reduce((value, name) => value?.[name], envelope);

/** Everything that a pack says: its own text, and what is within its base64. */
function readingsOf(pack: Uint8Array): string {
  const document = looseOf(pack);
  const inner = [document.dsse.payload, document.export_dsse.payload].map((text) =>
    Buffer.from(text, "base64").toString(),
  );
  const opened = document.disclosures.map((text: string) => Buffer.from(text, "base64url").toString());
  return [Buffer.from(pack).toString(), ...inner, ...opened].join("\n");
}

/** Values that are not those of an enumeration or of a count that anything could be. */
const telling = (pointer: string): readonly string[] => {
  const value = at(pointer);
  if (typeof value === "number") return value > 9999 ? [String(value)] : [];
  return typeof value === "string" && /zz-|^[0-9a-f]{40,64}$|urn:|98\.76|9\.87/.test(value) ? [value] : [];
};
const payloads = [
  PAYLOAD,
  conflicting,
  Buffer.from('{"event":"risk_breach","nav":420.00}'),
  Buffer.from('[["content-type","application/json"]]'),
];
/** Six bytes are enough to know a guess by: so many digits of each spelling, of which none stands anywhere by chance. */
const HEX_DIGITS = 12;
const BASE64_DIGITS = 8;
/** The beginnings of bytes in hex and in base64 of both alphabets. */
const beginnings = (of: Buffer): readonly string[] => [
  of.toString("hex").slice(0, HEX_DIGITS),
  of.toString("base64").slice(0, BASE64_DIGITS),
  of.toString("base64url").slice(0, BASE64_DIGITS),
];
/** The same, whole, save what of base64 depends on the bytes behind. */
const spellings = (of: Buffer): readonly string[] => {
  const threes = of.subarray(0, of.length - (of.length % 3));
  return [of.toString("hex"), threes.toString("base64"), threes.toString("base64url")];
};
const hashesOf = (payload: Uint8Array): readonly string[] =>
  ["sha256", "sha1", "md5", "sha512"].flatMap((name) => beginnings(createHash(name).update(payload).digest()));
/** A closed value in other dress, and the unsalted hashes of its text and of its JSON. */
const disguises = (value: string): readonly string[] => [
  ...(value.length < BASE64_DIGITS ? [] : spellings(Buffer.from(value))),
  ...[value, JSON.stringify(value)].flatMap((text) => hashesOf(Buffer.from(text))),
];
/** Hex may stand in either case. */
const within = (text: string): ((sought: string) => boolean) => {
  const lower = text.toLowerCase();
  return (sought) => text.includes(sought) || (/^[0-9a-f]{12,}$/.test(sought) && lower.includes(sought));
};

test("the run has what could leak: dozens of values, and each payload's hash", () => {
  expect(committed.flatMap(telling).length).toBeGreaterThan(30);
  expect(
    payloads.filter((payload) => hashesOf(payload).some((hash) => JSON.stringify(envelope).includes(hash))),
  ).toHaveLength(4);
});

test("what is sought is found where it stands", () => {
  const [payload = Buffer.alloc(0)] = payloads;
  const digest = createHash("sha256").update(payload).digest();
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    for (const text of [digest.toString(encoding), digest.toString(encoding).slice(0, 20)])
      expect(hashesOf(payload).some(within(`some ${text} text`))).toBe(true);
    expect(disguises("zz-actor@example.com").some(within(Buffer.from("zz-actor@example.com").toString(encoding)))).toBe(
      true,
    );
  }
  expect(hashesOf(payload).some(within(digest.toString("hex").toUpperCase()))).toBe(true);
  expect(hashesOf(payload).some(within(JSON.stringify(envelope)))).toBe(true);
});

test.each([
  ["a pack with nothing allowed", packOf(bytes)],
  ["the pack that erasure leaves", packOf(bytes, { rule: "erasure" })],
])("%s holds no closed value, no hash of a payload or of a value, no payload and not the key", (_name, pack) => {
  const text = readingsOf(pack.bytes);
  const closed = committed.filter((pointer) => !pack.opened.includes(pointer)).flatMap(telling);
  expect(closed.length).toBeGreaterThan(30);
  expect(closed.filter((value) => text.includes(value))).toEqual([]);
  expect(text).not.toContain("zz-");
  expect(closed.flatMap(disguises).filter(within(text))).toEqual([]);
  expect(payloads.flatMap(hashesOf).filter(within(text))).toEqual([]);
  expect(payloads.filter((payload) => text.includes(payload.toString()))).toEqual([]);
  expect(payloads.flatMap(beginnings).filter(within(text))).toEqual([]);
  expect(beginnings(Buffer.from(envelope.integrity.disclosure_key, "base64url")).filter(within(text))).toEqual([]);
});

test("erasing closes all that can be closed: what stays opened says nothing of the sender", () => {
  const document = looseOf(packOf(bytes, { rule: "erasure" }).bytes);
  const opened = document.disclosures.map((sent: string) => JSON.parse(Buffer.from(sent, "base64url").toString()));
  expect(opened.map(([, pointer]: readonly string[]) => pointer).toSorted()).toEqual([
    "/amends",
    "/generated_at",
    "/intent/trigger/workspace",
  ]);
  expect(new Set(document.redactions.map((receipt: Loose) => receipt.rule_id))).toEqual(new Set(["erasure"]));
});

test("whatever is opened, what is closed beside it does not show", { timeout: 60_000 }, () => {
  // A hash and the URI that holds it are one secret: they are opened together or not at all.
  const choices = committed.filter((pointer) => !/\/(?:sha256|content_uri)$/.test(pointer));
  fc.assert(
    fc.property(fc.subarray(choices), (pointers) => {
      const pack = packOf(bytes, { pointers });
      const text = readingsOf(pack.bytes);
      const shown = new Set(pack.opened.flatMap(telling));
      const closed = committed.filter((pointer) => !pack.opened.includes(pointer)).flatMap(telling);
      const isWithinShown = (value: string): boolean => [...shown].some((other) => other.includes(value));
      expect(closed.filter((value) => !isWithinShown(value) && text.includes(value))).toEqual([]);
      const hidden = closed.filter((value) => !isWithinShown(value));
      expect(hidden.flatMap(disguises).filter(within(text))).toEqual([]);
      expect(payloads.flatMap(hashesOf).filter(within(text))).toEqual([]);
      expect(text).not.toContain(envelope.integrity.disclosure_key);
    }),
  );
});

test("a closed leaf's salt stands nowhere, so its commitment can not be tried against guesses", () => {
  const everything = looseOf(packOf(bytes, { pointers: committed }).bytes).disclosures.map((sent: string) =>
    JSON.parse(Buffer.from(sent, "base64url").toString()),
  );
  const pack = packOf(bytes, { pointers: ["/subject/kind"] });
  const text = readingsOf(pack.bytes);
  const closed = everything.filter(([, pointer]: readonly string[]) => !pack.opened.includes(pointer ?? ""));
  expect(closed.length).toBe(pack.closed);
  expect(closed.filter(([salt]: readonly string[]) => text.includes(salt ?? ""))).toEqual([]);
});
