import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { samples } from "../../../src/cli/samples.ts";
import { senderNotes } from "../../../src/cli/sender-notes.ts";
import { providers } from "../../../src/providers/index.ts";
import { DESK, presets, PUBLIC_URL, secretOf, type SenderWorld, senderWorld } from "./sender-world.ts";

let at: SenderWorld;
beforeEach(async () => {
  at = await senderWorld();
});
afterEach(() => at.close());

describe("qoc endpoints show", () => {
  test.each(presets)("of %s has its URL, secret's source, headers, answer and what is not claimed", async (name) => {
    const { exit, json } = await at.world.qoc(`endpoints show ${name} --json`);
    expect(exit).toBe(0);
    expect(json()).toMatchObject({
      schema: "qoc.endpoints.show/1",
      provider: name,
      url: `${name === "twilio" ? PUBLIC_URL : at.base}/webhook/equity-desk/${name}`,
      secrets: [`env:${secretOf(name)}`],
      signature_headers: expect.arrayContaining([providers[name].schemes[0].headers[0]]),
      event_header: samples[name].event_header,
      answer: expect.stringMatching(new RegExp(`^${providers[name].acknowledgement.status}, `)),
      answer_within: senderNotes[name].answer_within,
      not_claimed: senderNotes[name].not_claimed,
    });
  });

  test.each(presets)(
    "says of %s what its descriptor signs: id, time with its tolerance, and what names a delivery",
    (name) => {
      const [scheme] = providers[name].schemes;
      const { verified, id } = senderNotes[name];
      const time = scheme.timestamp === null ? null : `(${scheme.timestamp.tolerance_s / 60} min)`;
      expect(/\(\d+ min\)/.exec(verified)?.[0] ?? null).toBe(time);
      expect(verified.startsWith("id,")).toBe(scheme.id_headers !== null);
      const signedHeader = scheme.id_headers?.includes(samples[name].id_header ?? "") === true || name === "gitlab";
      expect(/, not signed/.test(id)).toBe(samples[name].id_header !== null && !signedHeader);
    },
  );

  test("says that a URL of this machine needs something before it, and a public one does not", async () => {
    expect((await at.world.qoc("endpoints show github")).stdout).toContain("put a tunnel or proxy before it");
    const { stdout } = await at.world.qoc("endpoints show twilio");
    expect(stdout).not.toContain("tunnel");
    expect(stdout).toContain(`${PUBLIC_URL}/webhook/equity-desk/twilio`);
  });

  test("takes a public URL with a path as it is", async () => {
    at.world.write("desk.toml", DESK.replace(PUBLIC_URL, `${PUBLIC_URL}/sms?from=twilio`));
    expect((await at.world.qoc("endpoints show twilio --json")).json()["url"]).toBe(`${PUBLIC_URL}/sms?from=twilio`);
  });

  test("puts the path before the fragment of a public URL that has none", async () => {
    at.world.write("desk.toml", DESK.replace(PUBLIC_URL, `${PUBLIC_URL}#rc=2`));
    expect((await at.world.qoc("endpoints show twilio --json")).json()["url"]).toBe(
      `${PUBLIC_URL}/webhook/equity-desk/twilio#rc=2`,
    );
    expect((await at.world.qoc("send twilio")).exit).toBe(0);
    expect(at.verdict()).toBe("verified");
  });

  test("of a sender that the desk describes says what its scheme says", async () => {
    expect((await at.world.qoc("endpoints show zendesk-like --json")).json()).toMatchObject({
      provider: "custom",
      verified: "{timestamp}{body}",
      id: "x-delivery",
      event_header: "x-topic",
      signature_headers: ["x-zendesk-webhook-signature"],
    });
  });

  test("shows no secret, and of an unknown webhook is 66", async () => {
    const shown = await Promise.all(presets.map((name) => at.world.qoc(`endpoints show ${name}`)));
    for (const { stdout } of shown) expect(stdout).not.toMatch(/kestrel|whsec_[A-Za-z0-9+/]/);
    expect((await at.world.qoc("endpoints show nobody")).exit).toBe(66);
  });

  test("is in one list with the others, each with its provider", async () => {
    const { json } = await at.world.qoc("endpoints list --json");
    expect(json()["items"]).toEqual(
      expect.arrayContaining([expect.objectContaining({ webhook: "gitlab-token", provider: "gitlab" })]),
    );
  });
});
