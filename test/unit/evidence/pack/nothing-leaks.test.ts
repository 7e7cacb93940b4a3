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
const hashesOf = (payload: Uint8Array): readonly string[] =>
  ["sha256", "sha1", "md5", "sha512"].flatMap((name) => {
    const digest = createHash(name).update(payload).digest();
    return [digest.toString("hex"), digest.toString("base64").replace(/=+$/, ""), digest.toString("base64url")];
  });

test("the run has what could leak: dozens of values, and each payload's hash", () => {
  expect(committed.flatMap(telling).length).toBeGreaterThan(30);
  expect(
    payloads.filter((payload) => hashesOf(payload).some((hash) => JSON.stringify(envelope).includes(hash))),
  ).toHaveLength(4);
});

test("a pack with nothing allowed holds no closed value, no hash of a payload, no payload and not the key", () => {
  const pack = packOf(bytes);
  const text = readingsOf(pack.bytes);
  const closed = committed.filter((pointer) => !pack.opened.includes(pointer)).flatMap(telling);
  expect(closed.length).toBeGreaterThan(30);
  expect(closed.filter((value) => text.includes(value))).toEqual([]);
  expect(text).not.toContain("zz-");
  expect(payloads.flatMap(hashesOf).filter((hash) => text.toLowerCase().includes(hash.toLowerCase()))).toEqual([]);
  expect(payloads.filter((payload) => text.includes(payload.toString()))).toEqual([]);
  expect(text).not.toContain(envelope.integrity.disclosure_key);
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
      expect(payloads.flatMap(hashesOf).filter((hash) => text.includes(hash))).toEqual([]);
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
