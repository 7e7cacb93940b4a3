import { describe, expect, test } from "vitest";
import type { ProviderName } from "../../../src/providers/index.ts";
import { receive } from "../../../src/ingress/receive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { desk, NOW, signed, webhook } from "../../support/ingress-desk.ts";
import { presetWebhook, sentBy, type Sent } from "../../support/preset-sender.ts";

/** What becomes of deliveries of one sender, one after the other. */
async function answers(name: ProviderName, ...sent: readonly Sent[]): Promise<readonly unknown[]> {
  const at = desk([presetWebhook(name)], fakeEngine());
  const all: unknown[] = [];
  for (const one of sent) {
    const answer = await receive(at, "hook", sentBy(name, one, NOW), NOW);
    all.push(answer.kind === "accepted" ? (answer.flag ?? (answer.duplicate ? "duplicate" : "new")) : answer.code);
  }
  return all;
}

describe("a delivery of Linear, which writes the time of each attempt into the body", () => {
  const linear = (id: string, at: number, price = "420.00"): Sent => ({
    headers: { "linear-delivery": id },
    body: `{"action":"update","type":"Issue","price":${price},"webhookTimestamp":${at}}`,
  });

  test("is a duplicate when it is tried again", async () => {
    expect(await answers("linear", linear("D-1", NOW), linear("D-1", NOW + 1))).toEqual(["new", "duplicate"]);
  });

  test("is a suspected replay under another id", async () => {
    expect(await answers("linear", linear("D-1", NOW), linear("D-2", NOW + 1))).toEqual(["new", "suspected_replay"]);
  });

  test("is a conflict when anything else of it differs, to the last digit", async () => {
    expect(await answers("linear", linear("D-1", NOW), linear("D-1", NOW, "420.0"))).toEqual(["new", "id_conflict"]);
  });
});

describe("a form of Twilio, which signs fields and not bytes", () => {
  const twilio = (token: string, body: string): Sent => ({
    headers: { "content-type": "application/x-www-form-urlencoded", "i-twilio-idempotency-token": token },
    body,
  });

  test("is a suspected replay in another order and encoding, with another token", async () => {
    const first = twilio("T-1", "MessageSid=SM1&Body=a+b&MessageStatus=sent");
    const again = twilio("T-2", "Body=a%20b&MessageStatus=sent&MessageSid=SM1&Body=a+b");
    expect(await answers("twilio", first, again)).toEqual(["new", "suspected_replay"]);
  });

  test("is another delivery with another value", async () => {
    const first = twilio("T-1", "MessageSid=SM1&MessageStatus=sent");
    const next = twilio("T-2", "MessageSid=SM1&MessageStatus=delivered");
    expect(await answers("twilio", first, next)).toEqual(["new", "new"]);
  });
});

describe("bytes that conflicted", () => {
  const byId = { dedupe: { kind: "id+body" } } as const;
  async function flags(...sent: readonly (readonly [id: string, body: string])[]): Promise<readonly unknown[]> {
    const at = desk([webhook(byId)], fakeEngine());
    const all: unknown[] = [];
    for (const [id, body] of sent) {
      const answer = await receive(at, "price-alert", signed(body, { "x-qoc-delivery": id }), NOW);
      all.push(answer.kind === "accepted" ? (answer.flag ?? (answer.duplicate ? "duplicate" : "new")) : answer.code);
    }
    return all;
  }

  test("are known from then on: a copy is a duplicate, and under another id a suspected replay", async () => {
    expect(await flags(["D-1", "1"], ["D-1", "2"], ["D-1", "2"], ["D-2", "2"])).toEqual([
      "new",
      "id_conflict",
      "duplicate",
      "suspected_replay",
    ]);
  });

  test("do not make further bytes known", async () => {
    expect(await flags(["D-1", "1"], ["D-1", "2"], ["D-1", "3"])).toEqual(["new", "id_conflict", "id_conflict"]);
  });
});
