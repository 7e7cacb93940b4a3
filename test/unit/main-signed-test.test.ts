/** A test delivery that the daemon signs itself and posts to its own ingress. */
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configOf } from "../../src/cli/configuration.ts";
import { deskAt } from "../../src/cli/desk-finder.ts";
import { createSignedTests } from "../../src/main-signed-test.ts";
import { NOW } from "./cli/cli-world.ts";
import { presets, SECRET, type SenderWorld, senderWorld, STANDARD_SECRET } from "./cli/sender-world.ts";
import { runNumber } from "./http/desk-with-runs.ts";

let at: SenderWorld;
beforeEach(async () => {
  at = await senderWorld();
});
afterEach(() => at.close());

function tests({ ingress = at.base, now = () => NOW }: { readonly ingress?: string | null; now?: () => number } = {}) {
  const config = configOf(deskAt(at.world.dir), { env: {} });
  let made = 0;
  const random = (count: number): Uint8Array => new Uint8Array(count).fill((made += 1));
  return createSignedTests(
    () => config,
    () => ingress,
    { now, random },
  );
}

describe("a signed test", () => {
  test.each([...presets, "gitlab-token", "zendesk-like"])("of %s passes as its sender's", async (name) => {
    const sent = await tests().send(name);
    expect(at.verdict()).toBe("verified");
    expect(sent).toEqual({
      status: 202,
      run: runNumber(1),
      delivery_id: "d",
      says: `The endpoint verified the signature and stored the delivery: run ${runNumber(1)}.`,
    });
    expect(at.received[0]?.headers.get("user-agent")).toEqual(["qoc-send"]);
  });

  test("says what the endpoint answered when it gives no receipt", async () => {
    at.answerWith("<Response/>");
    expect(await tests().send("github")).toMatchObject({ status: 200, run: null, says: expect.stringMatching(/took/) });
  });

  test("says that the endpoint refused it, and why", async () => {
    const later = tests({ now: () => NOW + 24 * 3_600_000 });
    expect(await later.send("stripe")).toMatchObject({
      status: 401,
      run: null,
      says: expect.stringContaining("SIGNATURE_INVALID"),
    });
  });

  test("is one a second for each webhook, and another webhook's does not count", async () => {
    let now = NOW;
    const { send } = tests({ now: () => now });
    const kindOf = async (name: string): Promise<string | number> => {
      const sent = await send(name);
      return "code" in sent ? sent.code : sent.status;
    };
    expect(await kindOf("github")).toBe(202);
    expect([await kindOf("github"), await kindOf("gitlab")]).toEqual(["TEST_RATE", 202]);
    now += 999;
    expect(await kindOf("github")).toBe("TEST_RATE");
    now += 1;
    expect(await kindOf("github")).toBe(202);
    expect(at.received).toHaveLength(3);
  });

  test("of a sender whose private key the desk has not is refused, and nothing is sent", async () => {
    expect(await tests().send("asymmetric")).toMatchObject({
      kind: "refused",
      code: "NOT_NOW",
      detail: expect.stringContaining("not an Ed25519 private key"),
    });
    expect(at.received).toEqual([]);
  });

  test.each(["nope", "__proto__", "../github"])("of %s, which is no webhook, is refused", async (name) => {
    expect(await tests().send(name)).toMatchObject({ kind: "refused", code: "NOT_FOUND" });
    expect(at.received).toEqual([]);
  });

  test("is refused while nothing listens, and when nothing answers", async () => {
    expect(await tests({ ingress: null }).send("github")).toMatchObject({ code: "NOT_NOW" });
    const gone = createServer();
    await new Promise<void>((listening) => gone.listen(0, "127.0.0.1", listening));
    const address = gone.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((closed) => gone.close(closed));
    expect(await tests({ ingress: `http://127.0.0.1:${port}` }).send("github")).toMatchObject({
      code: "NOT_NOW",
      detail: expect.stringContaining("Nothing answers"),
    });
  });

  test("says nothing of a secret, whatever comes of it", async () => {
    const { send } = tests();
    const answers = await Promise.all([...presets, "gitlab-token", "asymmetric", "zendesk-like"].map(send));
    const told = JSON.stringify(answers);
    for (const secret of [SECRET, STANDARD_SECRET, STANDARD_SECRET.slice("whsec_".length)])
      expect(told).not.toContain(secret);
  });
});
