import { describe, expect, test } from "vitest";
import { customWebhook, desk, deskOf, problemsOf, webhook } from "./load-text.ts";

const bytes = (count: number): string => Buffer.alloc(count, 7).toString("base64");
const standard = webhook('provider = "standard-webhooks"');
const gitlab = webhook('provider = "gitlab"');
const ed25519 = customWebhook('algorithm = "ed25519"\nsecret_encoding = "base64"');
const prefixed = customWebhook('secret_prefix = "whsec_"');

describe("a secret that its sender cannot have given out is a problem of the configuration:", () => {
  test.each([
    [
      "a signing token of GitLab that is damaged",
      gitlab,
      `whsec_${bytes(32).slice(0, -4)}hunter2!`,
      "it is not base64",
    ],
    ["a signing token of GitLab that is cut short", gitlab, `whsec_${bytes(8)}`, "it holds 8 bytes"],
    ["no base64 where a key is base64", standard, "whsec_hunter2-hunter2!", "it is not base64"],
    ["too few bytes", standard, `whsec_${bytes(8)}`, "it holds 8 bytes"],
    ["the sender's own private key", standard, `whsk_${bytes(64)}`, "it is the sender's private key"],
    ["no prefix where one is described", prefixed, "hunter2", "it does not begin with whsec_"],
    ["no public key", ed25519, bytes(31), "it holds 31 bytes; an Ed25519 public key has 32"],
  ])("%s", (_, text, S, fault) => {
    const problems = problemsOf(desk(text), { env: { S } });
    expect(problems).toMatchObject([
      {
        line: 4,
        column: 10,
        key: "webhook[0].secret",
        says: expect.stringContaining(`is read from env:S and cannot be used: ${fault}`),
        seen: "(hidden)",
        nearest: null,
      },
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|BwcHBw/);
  });

  test("the one of a list that it is, from a file as well", () => {
    const text = desk(standard.replace('"env:S"', '["env:S", "file:old"]'));
    const given = { env: { S: `whsec_${bytes(32)}` }, files: { old: "hunter2!\n" } };
    expect(problemsOf(text, given)).toMatchObject([
      { key: "webhook[0].secret[1]", says: "is read from file:old and cannot be used: it is not base64" },
    ]);
  });

  test("the second of two webhooks, when the first has one that is not there", () => {
    const text = desk(webhook().replace("env:S", "env:GONE") + standard.replace('"a"', '"b"'));
    expect(problemsOf(text, { env: { S: "whsec_!" } }).map(({ key }) => key)).toEqual([
      "webhook[0].secret",
      "webhook[1].secret",
    ]);
  });

  test("together with every other", () => {
    const text = desk(`[daemon]\ndrain = 5\n${standard}attempts = 101\n`);
    expect(problemsOf(text, { env: { S: "whsec_!" } }).map(({ key }) => key)).toEqual([
      "daemon.drain",
      "webhook[0].secret",
      "webhook[0].attempts",
    ]);
  });

  test("by the sender that the environment names", () => {
    const text = desk(webhook('provider = "env:P"'));
    expect(problemsOf(text, { env: { S: "whsec_!", P: "standard-webhooks" } }).map(({ key }) => key)).toEqual([
      "webhook[0].secret",
    ]);
  });
});

describe("nothing is said about a secret", () => {
  test.each([
    ["that fits", standard, `whsec_${bytes(32)}`],
    ["that any text can be", webhook(), "x"],
    ["that fits one of two ways to sign", gitlab, "a plain token"],
    ["that is a public key", ed25519, bytes(32)],
  ])("%s", (_, text, S) => {
    expect(deskOf(desk(text), { env: { S } }).webhooks[0]?.secrets).toHaveLength(1);
  });

  test.each([
    ["sender is not known", webhook('provider = "standard"')],
    ["scheme is not right", customWebhook('algorithm = "ed25519"\nencoding = "hexx"')],
    ["scheme contradicts itself", customWebhook('algorithm = "token"\nsecret_encoding = "base64"')],
  ])("whose %s", (_, text) => {
    expect(problemsOf(desk(text), { env: { S: "!" } }).map(({ key }) => key)).not.toContain("webhook[0].secret");
  });
});
