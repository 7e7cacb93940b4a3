import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256OfBytes } from "../../../src/ingress/artifacts.ts";
import { readPayload } from "../../../src/providers/payload.ts";
import { sign } from "../../../src/providers/sign.ts";
import { standardEd25519, standardHmac, standardWebhooks } from "../../../src/providers/standard-webhooks.ts";
import { judge, rawOf, worldOf } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const { schemes } = standardWebhooks;
/** 2026-07-05T13:45:00Z */
const NOW = 1_783_259_100_000;
const SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
/** RFC 8032, section 7.1, test 1. */
const PRIVATE_KEY = `whsk_${Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex").toString("base64")}`;
const PUBLIC_KEY = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const BODY = '{"type":"contact.created"}';

const headersBy = (scheme: typeof standardHmac, secret: string): Readonly<Record<string, string>> => {
  const signed = sign(scheme, Buffer.from(secret), { body: Buffer.from(BODY), id: "msg_1", at: NOW, public_url: null });
  return signed.kind === "signed" ? signed.headers : {};
};
const symmetric = headersBy(standardHmac, SECRET);
const asymmetric = headersBy(standardEd25519, PRIVATE_KEY);
const verdict = (headers: Readonly<Record<string, string>>, secrets: readonly string[]): number | string =>
  judge({ raw: rawOf(BODY, headers), world: worldOf(secrets, { now: NOW }) }, schemes);
const both = {
  ...symmetric,
  "webhook-signature": `${symmetric["webhook-signature"]} ${asymmetric["webhook-signature"]} v2,xyz`,
};

describe("v1 and v1a", () => {
  test("verify each by its own key, whichever of them the desk has", () => {
    expect([
      verdict(symmetric, [PUBLIC_KEY, SECRET]),
      verdict(asymmetric, [PUBLIC_KEY, SECRET]),
      verdict(both, [SECRET]),
      verdict(both, [PUBLIC_KEY]),
    ]).toEqual([1, 0, 0, 0]);
  });

  test("are not exchanged: a signature of one under the name of the other is refused", () => {
    const renamed = (
      headers: Readonly<Record<string, string>>,
      from: string,
      to: string,
    ): Readonly<Record<string, string>> => ({
      ...headers,
      "webhook-signature": (headers["webhook-signature"] ?? "").replace(from, to),
    });
    expect(verdict(renamed(symmetric, "v1,", "v1a,"), [SECRET, PUBLIC_KEY])).toBe("MALFORMED");
    expect(verdict(renamed(asymmetric, "v1a,", "v1,"), [SECRET, PUBLIC_KEY])).toBe("MALFORMED");
  });

  test("take no public key for an HMAC: what everybody may know makes no signature", () => {
    const forged = headersBy(standardHmac, PUBLIC_KEY.replace("whpk_", "whsec_"));
    expect(verdict(forged, [PUBLIC_KEY])).toBe("MISMATCH");
  });

  test("take no private key", () => {
    expect(verdict(asymmetric, [PRIVATE_KEY])).toBe("MISMATCH");
  });
});

describe("the headers of Svix", () => {
  const asSvix = Object.fromEntries(
    Object.entries(symmetric).map(([name, value]) => [name.replace("webhook-", "svix-"), value]),
  );

  test("mean the same", () => {
    expect(verdict(asSvix, [SECRET])).toBe(0);
  });

  test("do not lend their id to a signature of the other family", () => {
    const { "webhook-id": _id, ...rest } = symmetric;
    expect(verdict({ ...rest, "svix-id": "msg_1" }, [SECRET])).toBe("MALFORMED");
  });
});

test("whatever the body, its id is the signed one and nothing throws", () => {
  const body = fc.oneof(
    fc.json(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1")),
  );
  const ids = fc.record({ "webhook-id": fc.string(), "svix-id": fc.string() }, { requiredKeys: [] });
  fc.assert(
    fc.property(body, ids, fc.constantFrom("webhook", "svix"), (text, sent, family) => {
      const bytes = Buffer.from(text);
      const { headers } = rawOf(bytes, { ...sent, [`${family}-signature`]: "v1,x" });
      const sha256 = sha256OfBytes(bytes);
      const facts = standardWebhooks.normalize({ headers, sha256, payload: readPayload(bytes) }, { event: "/event" });
      expect([sha256, headers.get(`${family}-id`)?.[0]]).toContain(facts.delivery_id);
    }),
  );
});
