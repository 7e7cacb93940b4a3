import { describe, expect, test } from "vitest";
import type { Policy } from "../../../src/core/delivery.ts";
import type { Mail } from "../../../src/engine/ports.ts";
import { receive } from "../../../src/ingress/receive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { desk, NOW, signed, webhook } from "../../support/ingress-desk.ts";
import { presetWebhook, sentBy } from "../../support/preset-sender.ts";

const map = { event: "/event", subject: "/about", updated_at: "/at", commit_sha: "/sha" };
const BODY = '{"event":"e","about":"MSFT","at":7}';

async function mailOf(body: string, policy: Partial<Policy> = {}): Promise<Mail> {
  const host = fakeEngine();
  const hook = webhook({ map, policy: { ...webhook().policy, ...policy } });
  await receive(desk([hook], host), "price-alert", signed(body), NOW);
  const [mail] = host.posted;
  if (mail === undefined) throw new Error("nothing was posted");
  return mail;
}

describe("mail of a new run", () => {
  test("goes through the subject of its webhook, which is told how it can be put in order", async () => {
    const mail = await mailOf(BODY);
    expect(mail.through).toEqual({
      to: "subject/equity-desk/price-alert/MSFT",
      event: {
        type: "ARRIVED",
        run: mail.to.slice("delivery/".length),
        delivery: mail.to,
        order: { kind: "mark", mark: "00000000000000000007", rank: 0 },
        commit_sha: null,
        waits: false,
      },
    });
  });

  test("without a subject goes through nobody", async () => {
    expect((await mailOf('{"event":"e"}')).through).toBeNull();
  });

  test.each([
    ["wait for its predecessor", { on_gap: "wait" }],
    ["wait for its commit", { on_partial: "wait" }],
    ["be under way for long", { action: "run", task: "t" }],
  ] as const)("that may %s asks to be told of what arrives later", async (_may, policy) => {
    expect((await mailOf(BODY, policy)).through?.event).toMatchObject({ waits: true });
  });

  test("brings the commit that others may wait for", async () => {
    const mail = await mailOf(BODY.replace("}", `,"sha":"${"a".repeat(40)}"}`));
    expect(mail.through?.event).toMatchObject({ commit_sha: "a".repeat(40) });
  });
});

describe("a handshake", () => {
  const challenge = JSON.stringify({ type: "url_verification", token: "t", challenge: "3eZbrw1aB" });
  const slack = presetWebhook("slack", { policy: { ...webhook().policy, action: "run", task: "triage" } });

  test("is answered with its challenge, and is an inbox item whatever the webhook's deliveries are", async () => {
    const host = fakeEngine();
    const answer = await receive(desk([slack], host), "hook", sentBy("slack", { body: challenge }, NOW), NOW);
    expect(answer).toMatchObject({ kind: "accepted", challenge: { name: "challenge", value: "3eZbrw1aB" } });
    expect(host.posted[0]?.birth).toMatchObject({ policy: { action: "inbox", task: null } });
  });

  test("is refused without its signature, and tells nobody its challenge", async () => {
    const raw = sentBy("slack", { body: challenge }, NOW);
    const spoiled = { ...raw, body: Buffer.from(challenge.replace("3eZ", "4eZ")) };
    const answer = await receive(desk([slack]), "hook", spoiled, NOW);
    expect(answer).toMatchObject({ kind: "refused", code: "SIGNATURE_INVALID" });
    expect(JSON.stringify(answer)).not.toContain("brw1aB");
  });

  test("is none without a challenge to answer with", async () => {
    const host = fakeEngine();
    const sent = sentBy("slack", { body: '{"type":"url_verification"}' }, NOW);
    expect(await receive(desk([slack], host), "hook", sent, NOW)).toMatchObject({ challenge: null });
    expect(host.posted[0]?.birth).toMatchObject({ policy: { action: "run" } });
  });
});
