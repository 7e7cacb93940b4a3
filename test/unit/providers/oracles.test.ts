/** Senders' own libraries, both ways: ours verifies what theirs sign, theirs verify what ours signs, and both refuse one bit more. */
import * as octokit from "@octokit/webhooks-methods";
import * as fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { providers } from "../../../src/providers/index.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import { sign } from "../../../src/providers/sign.ts";
import { bitsOf, flipped, judge, rawOf, worldOf } from "../../support/signed-request.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

/** 2026-07-05T13:45:00Z */
const NOW = 1_783_259_100_000;
beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

/** The libraries take texts: those that UTF-8 can write, without the mark at the beginning that their decoders drop. */
const text = fc
  .oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
    fc.string({ unit: "grapheme", minLength: 1 }),
    fc.json({ noUnicodeString: false }),
    fc.constantFrom('{"a":"\u2028\\u2028 \u001b[0m"}', "{\r\n}", "\u0000", '{"n":1.0,"n":1e2}'),
  )
  .filter((body) => Buffer.from(body).toString() === body && !body.startsWith("\ufeff"));
const secret = fc.string({ minLength: 1, maxLength: 80 }).filter((value) => value.trim() !== "");
const key = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`);
const messageId = fc.string({ unit: fc.constantFrom("a", "Z", "0", "_", "-"), minLength: 1, maxLength: 60 });
const bit = fc.nat();

type Sent = {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string;
};
const ours = ({ body, headers, secret: own }: Sent, { schemes }: Provider): number | string =>
  judge({ raw: rawOf(body, headers), world: worldOf([own], { now: NOW }) }, schemes);
const turned = (body: string, at: number): Buffer => flipped(Buffer.from(body), at % (Buffer.byteLength(body) * 8));
function signedByUs(
  { schemes: [scheme] }: Provider,
  own: string,
  body: string | Uint8Array,
  id = "m",
): Record<string, string> {
  const signed = sign(scheme, Buffer.from(own), { body: Buffer.from(body), id, at: NOW, public_url: null });
  if (signed.kind === "unsignable") throw new Error(signed.says);
  return signed.headers;
}
function accepts(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch {
    return false;
  }
}
/** Bytes that are no text are not this library's: it would decode them first, and sign what came of that. */
const isText = (bytes: Buffer): boolean =>
  Buffer.from(bytes.toString()).equals(bytes) && !bytes.toString().startsWith("\ufeff");

describe("standardwebhooks", () => {
  const provider = providers["standard-webhooks"];
  const theirs = (own: string, body: string, headers: Record<string, string>): boolean =>
    accepts(() => new Webhook(own).verify(body, headers, { jsonParse: false }));

  test("signs, and ours verifies; one bit more, and ours does not", () => {
    fc.assert(
      fc.property(key, messageId, text, bit, (own, id, body, at) => {
        const headers = {
          "webhook-id": id,
          "webhook-timestamp": `${NOW / 1000}`,
          "webhook-signature": new Webhook(own).sign(id, new Date(NOW), body),
        };
        expect(ours({ body, headers, secret: own }, provider)).toBe(0);
        expect(ours({ body: turned(body, at), headers, secret: own }, provider)).toBe("MISMATCH");
      }),
    );
  });

  test("verifies what ours signs; one bit more, and it does not", () => {
    fc.assert(
      fc.property(key, messageId, text, bit, (own, id, body, at) => {
        const headers = signedByUs(provider, own, body, id);
        expect(theirs(own, body, headers)).toBe(true);
        const other = turned(body, at);
        expect(isText(other) && theirs(own, other.toString(), headers)).toBe(false);
      }),
    );
  });

  test("and ours agree on time: five minutes either way, and not a second more", () => {
    const own = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const told = [-301, -300, 0, 300, 301].map((away) => {
      const headers = {
        "webhook-id": "m",
        "webhook-timestamp": `${NOW / 1000 + away}`,
        "webhook-signature": new Webhook(own).sign("m", new Date(NOW + away * 1000), "{}"),
      };
      return [theirs(own, "{}", headers), ours({ body: "{}", headers, secret: own }, provider) === 0];
    });
    expect(told).toEqual([
      [false, false],
      [true, true],
      [true, true],
      [true, true],
      [false, false],
    ]);
  });
});

describe("stripe", () => {
  const provider = providers.stripe;
  const { webhooks } = new Stripe("sk_test_none");
  const theirs = (own: string, body: string | Buffer, header: string): boolean =>
    webhooks.signature !== null && accepts(() => webhooks.signature?.verifyHeader(body, header, own, 300));

  test("signs, and ours verifies; one bit more, and ours does not", () => {
    fc.assert(
      fc.property(secret, text, bit, (own, payload, at) => {
        const header = webhooks.generateTestHeaderString({ payload, secret: own, timestamp: NOW / 1000 });
        const headers = { "stripe-signature": header };
        expect(ours({ body: payload, headers, secret: own }, provider)).toBe(0);
        expect(ours({ body: turned(payload, at), headers, secret: own }, provider)).toBe("MISMATCH");
      }),
    );
  });

  test("verifies what ours signs; one bit more, and it does not", () => {
    fc.assert(
      fc.property(secret, text, bit, (own, body, at) => {
        const header = signedByUs(provider, own, body)["stripe-signature"] ?? "";
        expect(theirs(own, body, header)).toBe(true);
        const other = turned(body, at);
        expect(isText(other) && theirs(own, other, header)).toBe(false);
      }),
    );
  });

  test("builds its event from what ours signs", () => {
    const body = JSON.stringify({ id: "evt_1", object: "event", type: "charge.succeeded" });
    const header = signedByUs(provider, "whsec_test", body)["stripe-signature"] ?? "";
    expect(webhooks.constructEvent(body, header, "whsec_test")).toHaveProperty("id", "evt_1");
  });

  test("signs for two secrets while one rolls, and ours says which it has", () => {
    const sign1 = (own: string): string =>
      webhooks.generateTestHeaderString({ payload: "{}", secret: own, timestamp: NOW / 1000 });
    const header = `${sign1("new")},${sign1("old").replace(/^t=\d+,/, "")}`;
    expect(ours({ body: "{}", headers: { "stripe-signature": header }, secret: "old" }, provider)).toBe(0);
  });
});

describe("@octokit/webhooks-methods", () => {
  const provider = providers.github;

  test("signs, and ours verifies; one bit more, and ours does not", async () => {
    await fc.assert(
      fc.asyncProperty(secret, text, bit, async (own, body, at) => {
        const headers = { "x-hub-signature-256": await octokit.sign(own, body) };
        expect(ours({ body, headers, secret: own }, provider)).toBe(0);
        expect(ours({ body: turned(body, at), headers, secret: own }, provider)).toBe("MISMATCH");
      }),
    );
  });

  test("verifies what ours signs; one bit more, and it does not", async () => {
    await fc.assert(
      fc.asyncProperty(secret, text, bit, async (own, body, at) => {
        const header = signedByUs(provider, own, body)["x-hub-signature-256"] ?? "";
        expect(await octokit.verify(own, body, header)).toBe(true);
        const other = turned(body, at);
        expect(isText(other) && (await octokit.verify(own, other.toString(), header))).toBe(false);
      }),
    );
  });

  test("and ours refuse each bit of the signature turned over", async () => {
    const header = await octokit.sign("s3cret", "{}");
    const mac = Buffer.from(header.slice(7), "hex");
    const others = bitsOf(mac.length).map((at) => `sha256=${flipped(mac, at).toString("hex")}`);
    const told = await Promise.all(
      others.map(async (other) => [
        await octokit.verify("s3cret", "{}", other),
        ours({ body: "{}", headers: { "x-hub-signature-256": other }, secret: "s3cret" }, provider),
      ]),
    );
    expect(told.filter(([theirs, own]) => theirs === true || own !== "MISMATCH")).toEqual([]);
    expect(told).toHaveLength(256);
  });
});
