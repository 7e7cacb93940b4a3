import { describe, expect, test } from "vitest";
import { exportPack } from "../../../../src/evidence/pack/export.ts";
import { scan } from "../../../../src/evidence/pack/secret-scan.ts";
import { sha256Hex } from "../../../../src/evidence/hashes.ts";
import { seal } from "../../../../src/evidence/seal.ts";
import { BODY, facts, job, journal, looseOf, observed, signer, transition } from "../support.ts";
import { closedPolicy, codesOf, exporter, packOf } from "./pack-support.ts";

/** Written in two halves: nothing that looks like a secret stands in this file whole. */
const key = (...halves: readonly string[]): string => halves.join("");
const formOf = (text: string, name = ""): string | undefined =>
  scan(new Map([["/subject/meta/0/value", text]]), () => name, [])[0]?.form;

const secrets: readonly (readonly [form: string, text: string])[] = [
  ["private_key", key("-----BEGIN ", "PRIVATE KEY-----\nMIIE")],
  ["private_key", key("-----BEGIN OPENSSH ", "PRIVATE KEY-----")],
  ["private_key", key("-----BEGIN PGP ", "PRIVATE KEY BLOCK-----")],
  ["private_key", key("PuTTY-User-", "Key-File-3: ssh-ed25519")],
  ["bearer_token", key("Authorization: ", "Bearer 0123456789abcdef0123")],
  ["aws_key", key("AKIA", "IOSFODNN7EXAMPLE")],
  ["aws_key", key("id=ASIA", "IOSFODNN7EXAMPLE;")],
  ["github_token", key("ghp_", "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8")],
  ["github_token", key("github_pat_", "11ABCDEFG0aaaaaaaaaaaa_bbbbbbb")],
  ["gitlab_token", key("glpat-", "ABCDEFGHIJ0123456789")],
  ["slack_token", key("xoxb-", "123456789012-abcdefghijkl")],
  ["slack_webhook", key("https://hooks.slack", ".com/services/T00000000/B0/x")],
  ["stripe_key", key("sk_", "live_4eC39HqLyjWDarjtT1zdp7dc")],
  ["stripe_key", key("rk_", "test_4eC39HqLyjWDarjtT1zdp7dc")],
  ["webhook_secret", key("whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
  ["google_key", key("AIza", "SyA1234567890abcdefghijklmnopqrstuv")],
  ["api_key", key("sk-", "proj-abcdefghijklmnopqrst")],
  ["npm_token", key("npm_", "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8")],
  ["twilio_key", key("SK", "0123456789abcdef0123456789abcdef")],
  ["password_in_url", key("postgres://me:", "hunter2@db.example/x")],
  ["jwt", key("eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxIn0.c2lnbmF0dXJl")],
  ["jwt", key("see (eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxIn0.) there")],
  ["random_text", key("the api_key is ", "9f8Kd02mXq7Lz41pRt6Vw3")],
  ["random_text", key("client secret: ", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")],
];

describe("the scan", () => {
  test.each(secrets)("takes for a %s: %#", (form, text) => {
    expect(formOf(text)).toBe(form);
    expect(formOf(`before ${text} after`)).toBe(form);
  });

  test.each([
    "Write an inbox item because of risk_breach",
    "0123456789abcdef0123456789abcdef01234567",
    "2026-07-05T13:45:01.140Z",
    "0198aa00-0000-7000-8000-000000000001",
    "the token was missing, and so was the secret",
    "https://example.com/a/b?c=d",
    "https://example.com:8080/a@b",
    "mailto:someone@example.com",
    "urn:sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "task-force-1 sk-short AKIA whsec_",
    "refs/heads/feature/token-refresh",
    "",
  ])("takes for nothing: %j", (text) => expect(formOf(text)).toBeUndefined());

  test("knows a secret by the name beside it, which alone makes a random text one", () => {
    const text = "9f8Kd02mXq7Lz41pRt6Vw3";
    expect(formOf(text)).toBeUndefined();
    expect(formOf(text, "X-Api-Key")).toBe("random_text");
    expect(scan(new Map([["/intent/token", text]]), () => undefined, [])[0]?.form).toBe("random_text");
  });

  test("finds the hash of bytes that stay closed, however it is spelt", () => {
    const hex = sha256Hex(BODY);
    const bytes = Buffer.from(hex, "hex");
    const found = (text: string): string | undefined => scan(new Map([["/x", text]]), () => undefined, [hex])[0]?.form;
    for (const text of [hex, hex.toUpperCase(), `sha256=${hex}`, bytes.toString("base64"), bytes.toString("base64url")])
      expect(found(`id ${text}`)).toBe("hash_of_closed_artifact");
    expect(found(sha256Hex(Buffer.from("other")))).toBeUndefined();
  });

  test("takes time that grows as the text does, whatever the text", () => {
    const long = 400_000;
    const hostile = [
      "eyJ",
      "eyJ-",
      "eyJ.",
      "-----BEGIN ",
      "A ",
      "bearer ",
      "://a:",
      "://:",
      "xoxb-",
      "token",
      "a1",
      "whsec_",
      ".",
    ];
    for (const text of hostile) {
      const began = performance.now();
      formOf(text.repeat(Math.ceil(long / text.length)));
      expect(performance.now() - began).toBeLessThan(3000);
    }
  }, 60_000);
});

describe("an export of what looks like a secret", () => {
  const token = key("ghp_", "a1B2c3D4e5F6g7H8i9J0a1B2c3D4e5F6g7H8");
  const entries = journal({ actor: token });
  const told = transition(3, "RECORDED", "recorded", [observed("note_taken", `see ${token}`)]);
  const { bytes } = seal(job([...entries.slice(0, 4), told, ...entries.slice(4)]), signer);
  const meta: readonly { name: string }[] = looseOf(bytes).subject.meta;
  const actor = `/subject/meta/${meta.findIndex(({ name }) => name === "actor")}/value`;
  const policy = { ...closedPolicy, pointers: ["/subject/meta/*/value", "/observations/*/value"] };
  const note: number = looseOf(bytes).observations.findIndex((o: { name: string }) => o.name === "note_taken");

  test("is stopped with every place and observation, and never the value", () => {
    const stopped = exportPack(bytes, policy, exporter);
    expect(stopped).toEqual({
      kind: "stopped",
      because: "SECRET_FOUND",
      at: [
        { pointer: `/observations/${note}/value`, form: "github_token", observation: `o${note + 1}` },
        { pointer: actor, form: "github_token", observation: null },
      ],
    });
    expect(JSON.stringify(stopped)).not.toContain(token.slice(4));
  });

  test("goes on without it: what stays closed is not scanned", () => {
    expect(packOf(bytes).closed).toBeGreaterThan(0);
  });

  test("is made when a person accepted each place, and says so under the exporter's signature", () => {
    const one = exportPack(bytes, { ...policy, allow: [actor] }, exporter);
    expect(one).toMatchObject({ because: "SECRET_FOUND", at: [{ pointer: `/observations/${note}/value` }] });
    const allow = [actor, `/observations/${note}/value`, "/intent/task"];
    const pack = packOf(bytes, { ...policy, allow });
    expect(codesOf(pack.bytes)).toEqual([]);
    expect(pack.allowed).toEqual([`/observations/${note}/value`, actor]);
    const said = JSON.parse(Buffer.from(looseOf(pack.bytes).export_dsse.payload, "base64").toString());
    expect(said.predicate.allowed).toEqual(pack.allowed);
  });

  test("accepting a place opens nothing", () => {
    expect(packOf(bytes, { allow: [actor] })).toMatchObject({ opened: packOf(bytes).opened, allowed: [] });
  });

  test("is stopped for an id that is the hash of the closed payload", () => {
    const { bytes: hashed } = seal(job(journal({ ...facts, delivery_id: sha256Hex(BODY) })), signer);
    expect(exportPack(hashed, { ...closedPolicy, pointers: ["/subject/id"] }, exporter)).toMatchObject({
      because: "SECRET_FOUND",
      at: [{ pointer: "/subject/id", form: "hash_of_closed_artifact" }],
    });
  });
});
