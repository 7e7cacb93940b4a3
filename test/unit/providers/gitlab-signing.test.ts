import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { gitlab } from "../../../src/providers/gitlab.ts";
import { verify, type Unverified, type Verified } from "../../../src/providers/verify.ts";

const BODY = Buffer.from('{"object_kind":"push","message":"naïve\u2028"}');
const KEY = Buffer.alloc(32, 7);
const SIGNING_SECRET = `whsec_${KEY.toString("base64")}`;
const TOKEN = "a token that a person chose";
const SENT_S = 1_776_000_000;
const TOLERANCE_S = 300;

type Headers = Readonly<Record<string, string>>;

function signed({ body = BODY, id = "msg_1", at = SENT_S } = {}): Headers {
  const content = Buffer.concat([Buffer.from(`${id}.${at}.`), body]);
  const signature = createHmac("sha256", KEY).update(content).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `v1,${signature}` };
}

function verdict(headers: Headers, secrets: readonly string[], now_s = SENT_S): Verified | Unverified {
  const raw = {
    target: "/",
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]] as const)),
    body: BODY,
  };
  const world = { secrets: secrets.map((secret) => Buffer.from(secret)), public_url: null, now: now_s * 1000 };
  return verify(raw, gitlab.schemes, world);
}

const VERIFIED = { kind: "verified", secretIndex: 0 };

describe("a delivery under a signing token", () => {
  test("holds, over id, time and bytes", () => {
    expect(verdict(signed(), [SIGNING_SECRET])).toEqual(VERIFIED);
  });

  test("holds while one of several signatures is of a secret that is configured", () => {
    const headers = signed();
    const several = `v1,${"A".repeat(43)}= v2,whatever ${headers["webhook-signature"]}`;
    expect(verdict({ ...headers, "webhook-signature": several }, [TOKEN, SIGNING_SECRET])).toEqual({
      kind: "verified",
      secretIndex: 1,
    });
  });

  test.each([
    ["id", { "webhook-id": "msg_2" }],
    ["time", { "webhook-timestamp": String(SENT_S + 1) }],
    ["signature", { "webhook-signature": signed({ body: Buffer.from("{}") })["webhook-signature"] ?? "" }],
  ])("is refused with another %s", (_name, other) => {
    expect(verdict({ ...signed(), ...other }, [SIGNING_SECRET])).toMatchObject({
      kind: "unverified",
      fault: "MISMATCH",
    });
  });

  test("holds for five minutes before and after its time, and no longer", () => {
    const faults = [-TOLERANCE_S - 1, -TOLERANCE_S, TOLERANCE_S, TOLERANCE_S + 1].map((late) => {
      const found = verdict(signed(), [SIGNING_SECRET], SENT_S + late);
      return found.kind === "verified" ? "verified" : found.fault;
    });
    expect(faults).toEqual(["IN_FUTURE", "verified", "verified", "TOO_OLD"]);
  });

  test("needs a secret with its prefix: another text is a token, not a key", () => {
    expect(verdict(signed(), [KEY.toString("base64")])).toMatchObject({ kind: "unverified", fault: "MISMATCH" });
  });
});

describe("a delivery with a secret token", () => {
  test("holds by the token alone, of any of the secrets", () => {
    expect(verdict({ "x-gitlab-token": TOKEN }, [TOKEN])).toEqual(VERIFIED);
    expect(verdict({ "x-gitlab-token": TOKEN }, ["an older one", TOKEN])).toEqual({ kind: "verified", secretIndex: 1 });
  });

  test.each([
    ["another", `${TOKEN}.`],
    ["a shorter", TOKEN.slice(0, -1)],
    ["a longer", TOKEN.repeat(100)],
    ["an empty", ""],
  ])("is refused with %s token", (_name, sent) => {
    expect(verdict({ "x-gitlab-token": sent }, [TOKEN])).toMatchObject({ kind: "unverified" });
  });

  test("is refused with a signing token in its place: that never leaves GitLab", () => {
    expect(verdict({ "x-gitlab-token": SIGNING_SECRET }, [SIGNING_SECRET])).toMatchObject({ fault: "MISMATCH" });
    expect(verdict({ "x-gitlab-token": `${SIGNING_SECRET}!` }, [`${SIGNING_SECRET}!`])).toMatchObject({
      fault: "MISMATCH",
    });
  });

  test("holds by the token where a signing token stands beside it, and by no part of that", () => {
    expect(verdict({ "x-gitlab-token": TOKEN }, [SIGNING_SECRET, TOKEN])).toEqual({ kind: "verified", secretIndex: 1 });
    expect(verdict({ "x-gitlab-token": SIGNING_SECRET }, [SIGNING_SECRET, TOKEN])).toMatchObject({ fault: "MISMATCH" });
  });

  test("is refused without any", () => {
    expect(verdict({}, [TOKEN])).toMatchObject({ kind: "unverified", fault: "NO_SIGNATURE" });
  });
});

describe("a delivery with both", () => {
  test("holds by its signature, whatever the token", () => {
    expect(verdict({ ...signed(), "x-gitlab-token": "wrong" }, [SIGNING_SECRET])).toEqual(VERIFIED);
  });

  test.each([
    ["does not match", `v1,${"A".repeat(43)}=`],
    ["is malformed", "nonsense"],
    ["is empty", ""],
    ["is of another version", `v9,${"A".repeat(43)}=`],
  ])("is refused where the signature %s, though the token is right", (_name, signature) => {
    const headers = { ...signed(), "webhook-signature": signature, "x-gitlab-token": TOKEN };
    expect(verdict(headers, [TOKEN, SIGNING_SECRET])).toMatchObject({ kind: "unverified" });
  });

  test("is refused where only the token's secret is configured", () => {
    expect(verdict({ ...signed(), "x-gitlab-token": TOKEN }, [TOKEN])).toMatchObject({ kind: "unverified" });
  });
});
