import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PRIVATE_KEY, presets, SECRET, type SenderWorld, senderWorld } from "./sender-world.ts";

/** Those that sign a time. */
const timed = ["gitlab", "slack", "stripe", "linear", "standard-webhooks"];

let at: SenderWorld;
beforeEach(async () => {
  at = await senderWorld();
});
afterEach(() => at.close());

describe("qoc send", () => {
  test.each([...presets, "gitlab-token", "zendesk-like"])("signs as %s does", async (name) => {
    const { exit, stdout } = await at.world.qoc(`send ${name}`);
    expect([exit, at.verdict(), stdout]).toEqual([0, "verified", expect.stringContaining("202 accepted")]);
  });

  test.each(presets)("sends a sample of %s in which its event and its delivery are found", async (name) => {
    await at.world.qoc(`send ${name} --id d-77`);
    const facts = at.factsOf(at.received[0]);
    expect(facts).toMatchObject({ provider: name, delivery_id: "d-77", event_type: expect.any(String) });
    expect(facts.payload).not.toBe("unparsable");
  });

  test.each(["github", "gitlab", "bitbucket", "bitbucket-server"] as const)(
    "sends a sample of %s that anchors its run to a full commit",
    async (name) => {
      await at.world.qoc(`send ${name}`);
      expect(at.factsOf(at.received[0]).commit_sha).toMatch(/^[0-9a-f]{40}$/);
    },
  );

  test("names the event in the header of senders that have one, of bytes that are given too", async () => {
    await at.world.qoc(`send github --event workflow_run -d '{"workflow_run":{"id":7}}'`);
    expect(at.factsOf(at.received[0]).event_type).toBe("workflow_run");
  });

  test.each([
    ["stripe -d '{}' --event invoice.paid", "--event has no place here"],
    ["stripe -d '{}' --id evt_1", "--id has no place here"],
    ["github --id 'ö'", "is no name"],
    ["github --provider nobody", "nobody"],
    ["github --secret plain-text", "--secret cannot be used"],
    ["linear -d '{}'", "no time as a whole number at /webhookTimestamp"],
    ["asymmetric", "not an Ed25519 private key"],
  ])("%s is wrong usage, and nothing is sent", async (args, says) => {
    const { exit, stderr } = await at.world.qoc(`send ${args}`);
    expect([exit, at.received]).toEqual([64, []]);
    expect(stderr).toContain(says);
  });

  test("--provider signs as another sender, and the webhook refuses it", async () => {
    const { exit } = await at.world.qoc("send qoc --provider github");
    expect([exit, at.verdict(), at.received[0]?.headers.has("x-hub-signature-256")]).toEqual([1, "NO_SIGNATURE", true]);
  });

  test("--secret signs with what the sender has, which of Ed25519 is not what the desk has", async () => {
    const env = { PRIVATE: PRIVATE_KEY };
    const { exit } = await at.world.qoc("send asymmetric --secret env:PRIVATE", { env });
    expect([exit, at.verdict()]).toEqual([0, "verified"]);
  });

  test("takes a URL with a secret and a provider, without a desk", async () => {
    const url = `${at.base}/webhook/equity-desk/stripe`;
    const given = { cwd: "/", env: { THEIRS: SECRET } };
    const { exit } = await at.world.qoc(`send ${url} --provider stripe --secret env:THEIRS`, given);
    expect([exit, at.verdict(), at.received[0]?.target]).toEqual([0, "verified", "/webhook/equity-desk/stripe"]);
    expect((await at.world.qoc(`send ${url} --provider stripe`, given)).exit).toBe(64);
    expect((await at.world.qoc(`send ${url} --secret env:THEIRS --wait`, given)).exit).toBe(64);
  });

  test("an answer without our receipt is said to be one", async () => {
    at.answerWith("<Response/>");
    const { exit, stdout, stderr } = await at.world.qoc("send twilio --wait");
    expect([exit, stdout]).toEqual([0, "200, without a receipt\n"]);
    expect(stderr).toContain("no run to wait for");
  });

  test("JSON to Twilio goes to an address that carries its hash", async () => {
    await at.world.qoc(`send twilio -d '{"a":1}'`);
    expect([at.verdict(), at.received[0]?.target]).toEqual([
      "verified",
      expect.stringMatching(/\?bodySHA256=[0-9a-f]{64}$/),
    ]);
  });
});

describe("qoc send --tamper", () => {
  const covered = [...presets, "zendesk-like"];

  test.each(covered)("body is refused by a webhook of %s", async (name) => {
    const { exit } = await at.world.qoc(`send ${name} --tamper body`);
    expect([exit, at.verdict()]).toEqual([1, "MISMATCH"]);
  });

  test.each([...covered, "gitlab-token"])("signature is refused by a webhook of %s", async (name) => {
    const { exit } = await at.world.qoc(`send ${name} --tamper signature`);
    expect([exit, at.verdict()]).toEqual([1, "MISMATCH"]);
  });

  test.each([...timed, "zendesk-like"])("timestamp is an old time, signed as %s signs it", async (name) => {
    const { exit } = await at.world.qoc(`send ${name} --tamper timestamp`);
    expect([exit, at.verdict()]).toEqual([1, "TOO_OLD"]);
  });

  test.each(["github", "pagerduty", "shopify", "qoc"])(
    "timestamp of %s, which signs none, is one in the body",
    async (name) => {
      const { exit } = await at.world.qoc(`send ${name} --tamper timestamp`);
      expect([exit, at.verdict()]).toEqual([1, "MISMATCH"]);
    },
  );

  test("timestamp has nothing to spoil where nothing says a time", async () => {
    expect((await at.world.qoc("send sentry --tamper timestamp")).exit).toBe(64);
    expect(at.received).toEqual([]);
  });

  test("body passes where only a token proves the sender, and that is said", async () => {
    const { exit, stdout } = await at.world.qoc("send gitlab-token --tamper body");
    expect([exit, at.verdict()]).toEqual([0, "verified"]);
    expect(stdout).toContain("although its body was spoiled: this sender's signature does not cover it");
  });
});
