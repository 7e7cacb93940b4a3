import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { bundlePage, pageOf } from "../../../../src/evidence/verify-page/build.ts";
import { seal } from "../../../../src/evidence/seal.ts";
import { casesIn, readPolicy } from "../../../conformance/cases.ts";
import { CONFORMANCE, readCase } from "../../../conformance/generator/case.ts";
import type { Policy } from "../../../conformance/generator/policies.ts";
import { policyOf, judge } from "../../../conformance/library.ts";
import { BODY, forged, HEADERS, job, publicPem, signer } from "../support.ts";
import { deskKey, filler, handedOver, logOf, witnessOf } from "../log-desk.ts";
import { packOf } from "../pack/pack-support.ts";
import { openPage, scriptIn } from "./opened-page.ts";

const PAGE_BYTES_MAX = 200_000;
let page = "";
beforeAll(async () => {
  page = pageOf(await bundlePage());
}, 60_000);

const key = { name: "evidence.pub", bytes: Buffer.from(publicPem) };
const sealed = seal(job(), signer);
const pemOf = (raw: Uint8Array): string => {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  return `-----BEGIN PUBLIC KEY-----\n${der.toString("base64")}\n-----END PUBLIC KEY-----\n`;
};
const envelope = { name: "e.json", bytes: sealed.bytes };

describe("the offline page as a file", () => {
  test("is one small file that asks for no other", () => {
    expect(Buffer.byteLength(page)).toBeLessThan(PAGE_BYTES_MAX);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<(?:link|img|iframe|object|embed|base)\b|\b(?:src|href|srcset)=|url\(|@import/);
    expect(page).not.toMatch(/\son[a-z]+=|\sstyle=/);
  });

  test("allows its own script and style by their hashes, and nothing else", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    const hashOf = (text = ""): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const directives = Object.fromEntries(
      policy.split("; ").map((directive) => [directive.split(" ", 1)[0], directive.split(" ").slice(1).join(" ")]),
    );
    expect(directives).toEqual({
      "default-src": "'none'",
      "script-src": hashOf(scriptIn(page)),
      "style-src": hashOf(/<style>([\s\S]*)<\/style>/.exec(page)?.[1]),
      "base-uri": "'none'",
      "form-action": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "'none'",
    });
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style"));
  });

  test("has no word for the network, for markup from text, nor for Node", () => {
    expect(scriptIn(page)).not.toMatch(
      /\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|\bBuffer\b|node:|require\(|localStorage|indexedDB|cookie/,
    );
  });
});

describe("the offline page in use", () => {
  test("says nothing until there is an envelope, and needs a key to say that it holds", async () => {
    const opened = openPage(page);
    await opened.drop(key);
    expect(opened.verdict().textContent).toBe("");
    await opened.drop(envelope);
    expect(opened.said()).toEqual({ ok: true, level: "E2", codes: [] });
    await opened.remove(0);
    expect(opened.said()).toEqual({ ok: false, level: "E1", codes: ["KEY_NOT_GIVEN"] });
  });

  test("sorts what it is given by what it is", async () => {
    const log = logOf([filler(0), { kind: "seal", seal: sealed.seal_hash }, filler(2)], [deskKey(7)]);
    const opened = openPage(page);
    const witness = witnessOf(21);
    const { checkpoint, consistency } = log.held(1);
    await opened.drop(envelope);
    await opened.drop(key);
    await opened.drop({ name: "a", bytes: Buffer.from(log.receipt(1, { witnesses: [witness] })) });
    await opened.drop({ name: "b", bytes: Buffer.from(checkpoint) });
    const lines = consistency.map((hash) => `${Buffer.from(hash).toString("base64")}\n`);
    await opened.drop({ name: "c", bytes: Buffer.from(lines.join("")) });
    await opened.drop({ name: "d", bytes: Buffer.from(`${witness.vkey}\n`) });
    await opened.drop({ name: "body", bytes: BODY });
    await opened.drop({ name: "headers", bytes: HEADERS });
    expect(opened.roles()).toEqual([
      "envelope or pack",
      "public key",
      "receipt",
      "checkpoint kept earlier",
      "consistency proof",
      "witness",
      "artifact",
      "artifact",
    ]);
    expect(opened.said()).toEqual({ ok: true, level: "E4", codes: [] });
    const text = opened.verdict().textContent;
    expect(text).toContain("leaf 1 of 3");
    expect(text).toContain(witness.name);
    expect(text).toContain("A payload_parsed");
    expect(text).toContain("that what the sender said is true");
    await opened.type("least", "2");
    expect(opened.said()).toEqual({ ok: false, level: "E4", codes: ["WITNESSES_MISSING"] });
    await opened.type("least", "1x");
    expect(opened.verdict().textContent).toBe(
      "No verdictWitnesses asked for is no whole number, so nothing was verified.",
    );
  });

  test("follows forty keys, each authorised by the one before it", async () => {
    const desks = Array.from({ length: 41 }, (_, n) => deskKey(100 + n));
    const [first = deskKey(100)] = desks;
    const handed = desks.slice(1).map((next, n) => handedOver(desks[n] ?? first, next));
    const log = logOf(handed, [first]);
    const opened = openPage(page);
    await opened.drop({ name: "k", bytes: Buffer.from(pemOf(first.key)) });
    for (const n of handed.keys()) {
      const receipt = log.receipt(n, { size: n + 1, by: [desks[n] ?? first], extra: true });
      await opened.drop({ name: `r${n}`, bytes: Buffer.from(receipt) });
    }
    await opened.drop({ name: "e.json", bytes: seal(job(), desks.at(-1)?.signer ?? signer).bytes });
    expect(opened.said()).toEqual({ ok: true, level: "E2", codes: [] });
  });

  test("takes a document for one that speaks of keys", async () => {
    const opened = openPage(page);
    await opened.drop({
      name: "e.json",
      bytes: forged(sealed.bytes, (d) => (d.intent.statement = "-----BEGIN PUBLIC KEY-----")),
    });
    expect(opened.roles()).toEqual(["envelope or pack"]);
  });

  test("gives a verdict on more observations than it can show", async () => {
    const many = forged(
      sealed.bytes,
      (d) => (d.observations = Array.from({ length: 70_000 }, () => d.observations[0])),
    );
    const opened = openPage(page);
    await opened.drop({ name: "many.json", bytes: many });
    expect(opened.said()).toMatchObject({ ok: false, level: "E0" });
    expect(opened.verdict().textContent).toContain("and 68000 more");
  });

  test("takes pasted text, and an origin to expect", async () => {
    const opened = openPage(page);
    await opened.paste(Buffer.from(sealed.bytes).toString());
    await opened.paste(publicPem);
    expect(opened.said()).toEqual({ ok: true, level: "E2", codes: [] });
    await opened.type("origin", "localhost/other");
    expect(opened.said()).toEqual({ ok: false, level: "E2", codes: ["ORIGIN_UNEXPECTED"] });
  });

  test("shows what a pack opens and what it closes, and why", async () => {
    const opened = openPage(page);
    await opened.drop(key);
    await opened.drop({ name: "p.json", bytes: packOf(sealed.bytes, { pointers: ["/runner_context/os"] }).bytes });
    expect(opened.said()).toEqual({ ok: true, level: "E2", codes: [] });
    const rows = opened
      .verdict()
      .all("tr")
      .map(({ textContent }) => textContent);
    expect(rows).toContain('/runner_context/os"linux"');
    expect(rows).toContain("/subject/idclosed (default-deny)");
  });

  test("puts the words of a file into text nodes alone", async () => {
    const hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const opened = openPage(page);
    await opened.drop({ name: hostile, bytes: forged(sealed.bytes, (d) => (d.intent.statement = hostile)) });
    expect(opened.verdict().textContent).toContain(JSON.stringify(hostile));
    expect(opened.verdict().all("img")).toEqual([]);
    expect(opened.verdict().all("script")).toEqual([]);
  });

  test("gives no verdict in a browser that cannot check signatures", async () => {
    const importKey = () => Promise.reject(new Error("NotSupportedError"));
    const opened = openPage(page, { subtle: { importKey } });
    await opened.drop(key);
    await opened.drop(envelope);
    expect(opened.verdict().textContent).toMatch(/^No verdictThis browser cannot check Ed25519/);
  });
});

describe("the offline page and the library agree", () => {
  const alone: Policy = { file: "", keys: ["evidence.pub"] };
  const cases = [...casesIn("envelopes"), ...casesIn("packs"), ...casesIn("policies")].map(({ name, bytes }) => {
    const policy = name.startsWith("policies/") ? readPolicy(bytes) : alone;
    return { name, bytes: policy === alone ? bytes : readCase(policy.file), policy };
  });

  test("there are cases to agree on", () => expect(cases.length).toBeGreaterThan(100));

  test.each(cases)("on $name", async ({ bytes, policy }) => {
    const opened = openPage(page);
    const dropAll = async (role: string, files: readonly string[] = []): Promise<void> => {
      for (const file of files) await opened.drop({ name: file, bytes: readCase(file), role });
    };
    await dropAll("public key", policy.keys);
    await dropAll("key receipt", policy.key_receipts);
    await dropAll("receipt", policy.receipt === undefined ? [] : [policy.receipt]);
    await dropAll("checkpoint kept earlier", policy.held === undefined ? [] : [policy.held.checkpoint]);
    const lines = policy.held?.consistency.map((line) => `${line}\n`).join("") ?? "";
    if (lines !== "") await opened.drop({ name: "proof", bytes: Buffer.from(lines), role: "consistency proof" });
    for (const vkey of policy.witnesses ?? [])
      await opened.drop({ name: "vkey", bytes: Buffer.from(vkey), role: "witness" });
    if (policy.artifacts !== undefined)
      for (const name of readdirSync(`${CONFORMANCE}${policy.artifacts}`))
        await opened.drop({ name, bytes: readCase(`${policy.artifacts}/${name}`), role: "artifact" });
    if (policy.origin !== undefined) await opened.type("origin", policy.origin);
    if (policy.witnesses_min !== undefined) await opened.type("least", String(policy.witnesses_min));
    await opened.drop({ name: "case", bytes, role: "envelope or pack" });
    const { ok, level, codes } = opened.said();
    const first = judge(bytes, policyOf(policy));
    expect({ ok, level, codes: codes.toSorted() }).toEqual({ ok: first.ok, level: first.level, codes: first.codes });
  });
});
