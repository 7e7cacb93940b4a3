import { describe, expect, test } from "vitest";
import { readsMap, senderNames, senderOf, signsUrl } from "../../../src/config/senders.ts";
import { providers } from "../../../src/providers/index.ts";
import { customWebhook, desk, deskOf, problemsOf, webhook } from "./load-text.ts";

/** Fits every preset: base64 of 32 bytes behind the prefix of Standard Webhooks. */
const env = { S: `whsec_${Buffer.alloc(32, 7).toString("base64")}` };
const presets = senderNames.filter((name) => name !== "custom");
const url = 'public_url = "https://example.com/webhook/desk/a"';
const hookOf = (text: string) => deskOf(desk(text), { env }).webhooks[0];
const said = (text: string) => problemsOf(desk(text), { env }).map(({ key, says }) => `${key} ${says}`);

describe("a webhook's sender", () => {
  test("is qoc unless it says otherwise", () => {
    expect(hookOf(webhook())).toMatchObject({ provider: { kind: "preset", name: "qoc" }, public_url: null });
  });

  test("may be every preset there is", () => {
    expect(presets).toEqual(Object.keys(providers));
    expect(presets.length).toBeGreaterThan(10);
  });

  test.each(presets)("may be %s, whose own defaults it has", (name) => {
    const { dedupe, body_limit_bytes } = providers[name];
    expect(hookOf(webhook(`provider = "${name}"\n${url}`))).toMatchObject({
      provider: { kind: "preset", name },
      public_url: "https://example.com/webhook/desk/a",
      dedupe: { kind: dedupe },
      body_limit_bytes: body_limit_bytes ?? 1_048_576,
    });
  });

  test("can be read from the environment", () => {
    const text = desk(webhook('provider = "env:P"'));
    expect(deskOf(text, { env: { ...env, P: "jira" } }).webhooks[0]?.provider).toEqual({
      kind: "preset",
      name: "jira",
    });
  });

  test.each([
    ["gihub", '"github"'],
    ["GitLab", '"gitlab"'],
    ["bitbucket_server", '"bitbucket-server"'],
    ["standardwebhooks", '"standard-webhooks"'],
    ["costum", '"custom"'],
    ["svix", null],
  ])("called %s is answered with %s, and with nothing that follows from it", (name, nearest) => {
    const text = desk(webhook(`provider = "${name}"\n[webhook.map]\nid = "/id"\n[webhook.scheme]\nheader = "X-Sig"`));
    expect(problemsOf(text, { env })).toMatchObject([
      { line: 6, column: 12, key: "webhook[0].provider", seen: `"${name}"`, nearest },
    ]);
  });
});

describe("what a webhook says goes before its sender's own:", () => {
  test("dedupe and body_limit", () => {
    const text = 'provider = "github"\ndedupe = "body"\nbody_limit = "1MiB"';
    expect(hookOf(webhook(text))).toMatchObject({ dedupe: { kind: "body" }, body_limit_bytes: 1_048_576 });
  });

  test("the daemon's body_limit does not", () => {
    const limits = deskOf(
      desk(
        `[daemon]\nbody_limit = "2MiB"\n${webhook('provider = "github"')}${webhook('provider = "jira"').replace('"a"', '"b"')}`,
      ),
      { env },
    ).webhooks.map(({ body_limit_bytes }) => body_limit_bytes);
    expect(limits).toEqual([26_214_400, 2_097_152]);
  });
});

describe("a webhook's times", () => {
  test("are an hour for what is missing, and no end for what is known", () => {
    expect(hookOf(webhook())).toMatchObject({
      dedupe_window_ms: null,
      policy: { hold_timeout_ms: 3_600_000, context_timeout_ms: 3_600_000 },
    });
  });

  test("are what it says, each by itself", () => {
    expect(hookOf(webhook('dedupe_window = "7d"\ncontext_timeout = "5m"'))).toMatchObject({
      dedupe_window_ms: 604_800_000,
      policy: { hold_timeout_ms: 3_600_000, context_timeout_ms: 300_000 },
    });
  });

  test.each(["dedupe_window", "context_timeout"])("are durations: %s", (key) => {
    expect(said(webhook(`${key} = "soon"`))).toEqual([
      `webhook[0].${key} must be a duration, a whole number and one of ms, s, m, h, d`,
    ]);
  });
});

describe("public_url", () => {
  test("is required where the sender signs it, and nowhere else", () => {
    expect(presets.filter(signsUrl)).toEqual(["twilio"]);
    expect(said(webhook('provider = "twilio"'))).toEqual([
      'webhook[0].public_url is required with provider = "twilio", which signs the URL it calls',
    ]);
    expect(said(webhook(`provider = "twilio"\n${url}`))).toEqual([]);
    expect(said(webhook(`provider = "github"\n${url}`))).toEqual([]);
  });

  test.each([
    ["example.com/a", '"https://example.com/a"'],
    ["https://example.com:70000/", null],
    ["/webhook/desk/a", null],
  ])("of %s is refused, and %s proposed", (written, nearest) => {
    expect(problemsOf(desk(webhook(`public_url = "${written}"`)), { env })).toMatchObject([
      { key: "webhook[0].public_url", says: expect.stringContaining("must be an http or https URL"), nearest },
    ]);
  });

  test("may have a fragment for the sender that reads it, and for no other", () => {
    const withFragment = 'public_url = "https://example.com/sms#rc=2"';
    expect(hookOf(webhook(`provider = "twilio"\n${withFragment}`))?.public_url).toBe("https://example.com/sms#rc=2");
    expect(problemsOf(desk(webhook(`provider = "github"\n${withFragment}`)), { env })).toMatchObject([
      {
        line: 7,
        column: 14,
        key: "webhook[0].public_url",
        says: "must end before its #, which tells Twilio how to call and no other sender anything",
        nearest: '"https://example.com/sms"',
      },
    ]);
  });

  test("with a password is refused, and the password not repeated", () => {
    const problems = problemsOf(desk(webhook('public_url = "https://me:hunter2@example.com/"')), { env });
    expect(problems).toMatchObject([{ key: "webhook[0].public_url", seen: "(hidden)", nearest: null }]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});

describe("the map", () => {
  test("is for senders whose shape is not known", () => {
    expect(senderNames.filter(readsMap)).toEqual(["qoc", "custom"]);
    expect(hookOf(webhook('[webhook.map]\nid = "/id"'))?.map.id).toBe("/id");
    expect(hookOf(`${customWebhook()}\n[webhook.map]\nid = "/id"`)?.map.id).toBe("/id");
  });

  test.each(presets.filter((name) => name !== "qoc"))("must be left out with %s", (name) => {
    const text = webhook(`provider = "${name}"\n${url}\n[webhook.map]\nid = "/id"`);
    expect(problemsOf(desk(text), { env })).toMatchObject([
      {
        line: 8,
        key: "webhook[0].map",
        says: `must be left out with provider = "${name}", which knows where its facts stand`,
      },
    ]);
  });
});

describe("a scheme", () => {
  test("is required with custom", () => {
    expect(said(webhook('provider = "custom"'))).toEqual([
      'webhook[0].scheme is required with provider = "custom": a table that says how the sender signs',
    ]);
    expect(said(customWebhook())).toEqual([]);
  });

  test.each(["", 'provider = "github"\n'])("must be left out with %j", (line) => {
    expect(said(webhook(`${line}[webhook.scheme]\nheader = "X-Sig"`))).toEqual([
      'webhook[0].scheme must be left out unless provider = "custom"',
    ]);
  });

  test("that is no table is one problem", () => {
    expect(said(webhook('provider = "custom"\nscheme = "hmac"'))).toEqual(["webhook[0].scheme must be a table"]);
  });
});

test("a custom sender without a scheme is a bug of ours, not of a person", () => {
  expect(() => senderOf({ provider: "custom" })).toThrow("a checked webhook of a custom sender has a scheme");
});
