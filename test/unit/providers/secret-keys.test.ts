import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { providers } from "../../../src/providers/index.ts";
import { hmacOfBody, type SignatureScheme } from "../../../src/providers/scheme.ts";
import { keysOf, secretFault } from "../../../src/providers/secret-keys.ts";
import { verify } from "../../../src/providers/verify.ts";
import { judge, rawOf, worldOf } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const base64 = (bytes: number, fill = 7): string => Buffer.alloc(bytes, fill).toString("base64");
const PUBLIC_KEY = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const { schemes: standard } = providers["standard-webhooks"];
const faultOf = (secret: string, schemes = standard): string | null => secretFault(Buffer.from(secret), schemes);

describe("a secret of Standard Webhooks", () => {
  test.each([
    ["of 24 bytes", `whsec_${base64(24)}`],
    ["of 64 bytes", `whsec_${base64(64)}`],
    ["without its prefix", base64(32)],
    ["without its padding", `whsec_${base64(32).replaceAll("=", "")}`],
    ["that is a public key", PUBLIC_KEY],
  ])("%s is taken", (_name, secret) => {
    expect(faultOf(secret)).toBeNull();
  });

  test.each([
    ["empty", "", "it is empty"],
    ["a prefix alone", "whsec_", "it is empty"],
    ["a phrase", "correct horse battery staple", "it is not base64"],
    ["not base64 behind its prefix", "whsec_not*base64", "it is not base64"],
    ["base64url", `whsec_${Buffer.alloc(24, 0xff).toString("base64url")}-_`, "it is not base64"],
    ["followed by a line break", `whsec_${base64(24)}\n`, "it is not base64"],
    ["padded with bits that count", `whsec_${base64(31, 0).slice(0, -3)}B==`, "it is not base64"],
    ["of 23 bytes", `whsec_${base64(23)}`, "it holds 23 bytes; the key of Standard Webhooks has 24 to 64"],
    ["of 65 bytes", `whsec_${base64(65)}`, "it holds 65 bytes; the key of Standard Webhooks has 24 to 64"],
    [
      "a private key",
      `whsk_${base64(32)}`,
      "it is the sender's private key (whsk_); a receiver has the public one (whpk_)",
    ],
    ["a public key too short", `whpk_${base64(31)}`, "it holds 31 bytes; an Ed25519 public key has 32"],
    [
      "a public key of low order",
      `whpk_${Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString("base64")}`,
      "it is a public key of low order, under which anybody can sign",
    ],
  ])("that is %s is refused, in words that quote nothing of it", (_name, secret, says) => {
    expect(faultOf(secret)).toBe(says);
  });
});

describe("a secret of other senders", () => {
  test("is its text, whatever it looks like", () => {
    const texts = ["x", "whsec_short", `whsk_${base64(32)}`, "dGhpcw==", "\u2665", " "];
    expect(texts.map((text) => faultOf(text, providers.stripe.schemes))).toEqual(texts.map(() => null));
  });

  test("is refused when it is empty, by every preset", () => {
    const told = Object.values(providers).map(({ name, schemes }) => [name, faultOf("", schemes)]);
    expect(told).toEqual(Object.keys(providers).map((name) => [name, "it is empty"]));
  });

  test("is refused without a prefix that it must have", () => {
    const [scheme] = providers.gitlab.schemes;
    expect(faultOf(base64(32), [scheme])).toBe("it does not begin with whsec_");
  });

  test("may lose a prefix that is not part of the key", () => {
    const scheme: SignatureScheme = {
      ...hmacOfBody("sig", ""),
      secret: { encoding: "utf8", prefix: "key:", prefix_required: true },
    };
    const raw = rawOf("{}", { sig: createHmac("sha256", "abc").update("{}").digest("hex") });
    expect(judge({ raw, world: worldOf(["abc", "key:abc"]) }, [scheme])).toBe(1);
  });
});

test("the key of Stripe is the whole text, that of Standard Webhooks what it stands for", () => {
  const secret = `whsec_${base64(24)}`;
  const [stripe] = providers.stripe.schemes;
  const now = 1_783_259_100_000;
  const t = "1783259100";
  const sent = (key: Buffer): string => createHmac("sha256", key).update(`${t}.{}`).digest("hex");
  const told = [Buffer.from(secret), Buffer.alloc(24, 7)].map((key) =>
    judge({ raw: rawOf("{}", { "stripe-signature": `t=${t},v1=${sent(key)}` }), world: worldOf([secret], { now }) }, [
      stripe,
    ]),
  );
  expect(told).toEqual([0, "MISMATCH"]);
});

test("a secret that does not fit is skipped, and the index is that of the list given", () => {
  const [v1] = standard;
  const secrets = ["", "no base64!", PUBLIC_KEY, `whsec_${base64(24)}`].map((text) => Buffer.from(text));
  expect(keysOf(secrets, v1).map(({ index }) => index)).toEqual([3]);
});

test("says that no secret belongs to the scheme, which is another matter than a wrong one", () => {
  const raw = rawOf("{}", { "webhook-id": "m", "webhook-timestamp": "0", "webhook-signature": `v1,${base64(32)}` });
  expect(verify(raw, standard, worldOf(["a phrase"]))).toEqual({
    kind: "unverified",
    fault: "MISMATCH",
    detail: "no configured secret belongs to this scheme",
  });
});

test("keys are derived once for a list and a scheme", () => {
  const secrets = [Buffer.from(base64(32))];
  const [v1, v1a] = standard;
  expect(keysOf(secrets, v1)).toBe(keysOf(secrets, v1));
  expect(keysOf([...secrets], v1)).not.toBe(keysOf(secrets, v1));
  expect(v1a === undefined ? undefined : keysOf(secrets, v1a)).toEqual([]);
});

test("a printed key shows nothing of the secret", () => {
  const printed = inspect(keysOf([Buffer.from("SECRET-TEXT")], hmacOfBody("sig", "")), { depth: 9, showHidden: true });
  expect(printed).not.toMatch(/SECRET|53 45 43/);
});

test("whatever the secret, there is a verdict on it, and a refused one makes no key", () => {
  const text = fc.tuple(fc.constantFrom("", "whsec_", "whpk_", "whsk_"), fc.oneof(fc.string(), fc.base64String()));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        text.map(([prefix, rest]) => Buffer.from(prefix + rest)),
      ),
      (secret) => {
        for (const { schemes } of Object.values(providers)) {
          const keys = schemes.flatMap((scheme) => keysOf([secret], scheme));
          const says = secretFault(secret, schemes) ?? "taken";
          expect(says).toMatch(/^(?:taken|it (?:is|holds|does not begin with) [\w ;,.'()]+)$/);
          expect(says === "taken" && keys.length === 0).toBe(false);
        }
      },
    ),
  );
});
