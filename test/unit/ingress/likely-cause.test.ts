import * as fc from "fast-check";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { RawDelivery } from "../../../src/core/delivery.ts";
import type { LikelyCause } from "../../../src/ingress/cause.ts";
import { likelyCauses } from "../../../src/ingress/likely-cause.ts";
import { isProviderName, type ProviderName, providers } from "../../../src/providers/index.ts";
import { NOW } from "../../support/ingress-desk.ts";
import { bytes, causeOf, causesOf, rawOf, SECRET, sent, STANDARD_SECRET, webhook } from "./failed-delivery.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

/** How many secrets were tried, each at most once a scheme. */
const tried = vi.hoisted(() => ({ macs: 0 }));
vi.mock(import("../../../src/providers/verify.ts"), async (original) => {
  const real = await original();
  return {
    ...real,
    verify: (raw, schemes, world) => {
      tried.macs += world.secrets.length;
      return real.verify(raw, schemes, world);
    },
  };
});
beforeEach(() => {
  tried.macs = 0;
});

describe("a clock", () => {
  test.each([
    ["slack", -432_000, "432 s ago"],
    ["slack", 432_000, "432 s ahead"],
    ["stripe", -301_000, "301 s ago"],
  ] as const)("of %s that is off by %i ms is proved, with its seconds and direction", (provider, off, says) => {
    const cause = causeOf(sent({ provider, at: NOW + off }), webhook(provider));
    expect(cause).toMatchObject({ kind: "clock", sure: "proved" });
    expect(cause.says).toContain(says);
  });

  test("of a time in the body counts as one in a header", () => {
    const body = bytes(`{"webhookTimestamp":${NOW - 90_000}}`);
    expect(causeOf(sent({ provider: "linear", body }), webhook("linear")).says).toContain("90 s ago");
  });

  test("does not hide another cause: an old delivery under another secret is a matter of the secret", () => {
    const other = { ...webhook("slack", "heron-on-the-pier"), name: "pages" };
    const raw = sent({ provider: "slack", secret: bytes("heron-on-the-pier"), at: NOW - 900_000 });
    expect(causeOf(raw, webhook("slack"), [other])).toMatchObject({ kind: "secret", sure: "proved" });
  });
});

describe("a wrong secret is proved when it is", () => {
  test("that of another webhook of the desk, which is named", () => {
    const others = [
      { ...webhook("github", "nobody's"), name: "ci" },
      { ...webhook("github", "hers"), name: "deploys" },
    ];
    const cause = causeOf(sent({ provider: "github", secret: bytes("hers") }), webhook("github"), others);
    expect(cause).toMatchObject({ kind: "secret", sure: "proved" });
    expect(cause.says).toContain("the webhook deploys");
  });

  const hex = Buffer.from(SECRET).toString("hex");
  const base64 = Buffer.from(SECRET).toString("base64");
  test.each([
    ["without the blanks ours has", ` ${SECRET}\n`, SECRET, "without the blanks"],
    ["with a line end ours has not", SECRET, `${SECRET}\n`, "line end"],
    ["what ours is in hex", hex, SECRET, "in hex"],
    ["what ours is in base64", base64, SECRET, "in base64"],
  ])("%s", (_how, ours, theirs, says) => {
    const cause = causeOf(sent({ provider: "github", secret: bytes(theirs) }), webhook("github", ours));
    expect(cause).toMatchObject({ kind: "secret", sure: "proved" });
    expect(cause.says).toContain(says);
  });

  test("the text of a secret that had to be decoded", () => {
    const raw = sent({
      provider: "standard-webhooks",
      secret: bytes(`whsec_${Buffer.from(STANDARD_SECRET).toString("base64")}`),
    });
    const cause = causeOf(raw, webhook("standard-webhooks", STANDARD_SECRET));
    expect(cause).toMatchObject({ kind: "secret", sure: "proved" });
    expect(cause.says).toContain("not decoded");
  });

  test("a token with a line end too many", () => {
    const raw = rawOf({ "x-gitlab-token": SECRET }, bytes("{}"));
    expect(causeOf(raw, webhook("gitlab", `${SECRET}\r\n`))).toMatchObject({ kind: "secret", sure: "proved" });
  });

  test("likely when the scheme that decides wants another kind of secret", () => {
    const raw = sent({ provider: "gitlab", secret: bytes(STANDARD_SECRET), headers: { "x-gitlab-token": SECRET } });
    const cause = causeOf(raw, webhook("gitlab"));
    expect(cause).toMatchObject({ kind: "secret", sure: "likely" });
    expect(cause.says).toContain("whsec_");
  });
});

describe("another sender", () => {
  test("that signs with this webhook's secret is proved, with the line for desk.toml", () => {
    const cause = causeOf(sent({ provider: "github" }), webhook("qoc"));
    expect(cause).toMatchObject({ kind: "sender", sure: "proved" });
    expect(cause.try).toContain('provider = "github"');
  });

  test("is found under a header that two of them share", () => {
    const headers = { "x-event-key": "repo:push", "x-hook-uuid": "u-1" };
    const raw = sent({ provider: "bitbucket", secret: bytes("theirs"), headers });
    expect(causeOf(raw, webhook("jira")).says).toMatch(/^it looks like bitbucket, /);
  });

  test("is likely when only its headers say so", () => {
    const headers = { "x-github-event": "push", "x-github-delivery": "d-1" };
    const raw = sent({ provider: "github", secret: bytes("theirs"), headers });
    const cause = causeOf(raw, webhook("qoc"));
    expect(cause).toMatchObject({ kind: "sender", sure: "likely" });
    expect(cause.says).toContain("looks like github");
  });
});

describe("no signature", () => {
  test("of a request that looks like the sender is a secret that is not set, or a proxy", () => {
    const cause = causeOf(
      rawOf({ "x-github-event": "push", "x-github-delivery": "d-1" }, bytes("{}")),
      webhook("github"),
    );
    expect(cause).toMatchObject({ kind: "unsigned", sure: "likely" });
    expect(cause.says).toMatch(/no x-hub-signature-256: no secret is set there, or a proxy/);
  });

  test("of a request that looks like nobody is most likely a stranger's", () => {
    const cause = causeOf(rawOf({ "user-agent": "curl/8" }, bytes("{}")), webhook("github"));
    expect(cause).toMatchObject({ kind: "unsigned", sure: "possible" });
  });

  test.each(["bitbucket-server", "sentry", "gitlab", "pagerduty"] as const)(
    "of a request with ids such as every proxy adds does not look like %s",
    (name) => {
      const ids = { "x-request-id": "1", "request-id": "2", "idempotency-key": "3", "x-webhook-id": "4" };
      expect(causesOf(rawOf(ids, bytes("{}")), webhook(name))).toMatchObject([{ kind: "unsigned", sure: "possible" }]);
      expect(causesOf(rawOf(ids, bytes("{}")), webhook("qoc"))).toMatchObject([{ kind: "unsigned", sure: "possible" }]);
    },
  );
});

describe("what the request itself shows", () => {
  const github = sent({ provider: "github", secret: bytes("theirs") });
  test.each<[string, RawDelivery, ProviderName, LikelyCause["kind"], RegExp]>([
    [
      "a content encoding",
      { ...github, headers: new Map([...github.headers, ["content-encoding", ["br"]]]) },
      "github",
      "body",
      /compressed/,
    ],
    ["a compressed body without one", { ...github, body: gzipSync("{}") }, "github", "body", /compressed/],
    ["replacement characters", { ...github, body: bytes('{"a":"\ufffd"}') }, "github", "body", /replacement/],
    [
      "a repeated header",
      { ...github, headers: new Map([["x-hub-signature-256", ["sha256=a", "sha256=b"]]]) },
      "github",
      "header",
      /more often/,
    ],
    [
      "a header of no form",
      rawOf({ "x-hub-signature-256": "sha1=ab" }, bytes("{}")),
      "github",
      "header",
      /not as github writes it/,
    ],
    [
      "a time that is gone",
      rawOf({ "x-slack-signature": `v0=${"a".repeat(64)}` }, bytes("{}")),
      "slack",
      "header",
      /time is missing/,
    ],
  ])("%s", (_what, raw, provider, kind, says) => {
    const cause = causeOf(raw, webhook(provider));
    expect([cause.kind, cause.sure === "proved"]).toEqual([kind, false]);
    expect(cause.says).toMatch(says);
  });

  test("nothing: then it says what remains, and does not pretend to know", () => {
    expect(causesOf(github, webhook("github"))).toEqual([
      expect.objectContaining({ kind: "unknown", sure: "possible" }),
    ]);
  });
});

test("a public URL that is not the one entered at the sender is proved", () => {
  const body = bytes("MessageSid=SM1&MessageStatus=sent");
  const raw = sent({
    provider: "twilio",
    body,
    public_url: "https://other.example.net",
    headers: { host: "other.example.net", "content-type": "application/x-www-form-urlencoded" },
  });
  expect(causeOf(raw, webhook("twilio"))).toMatchObject({ kind: "url", sure: "proved" });
});

describe("looking for it", () => {
  const many = Array.from({ length: 40 }, (_, i) => ({ ...webhook("github", `secret-${i}`), name: `w${i}` }));
  const secrets = Array.from({ length: 5 }, (_, i) => ` rotated-${i}\n`);

  test("costs a bounded number of MACs, however many webhooks and secrets there are", () => {
    const raw = sent({ provider: "github", secret: bytes("theirs"), body: bytes('{ "a": [1, 2, "ä/"] }\n') });
    likelyCauses(raw, webhook("github", ...secrets), many, "MISMATCH", NOW);
    expect(tried.macs).toBeGreaterThan(10);
    expect(tried.macs).toBeLessThanOrEqual(24);
  });

  test("tries nothing with a body that would take long", () => {
    const raw = sent({ provider: "github", body: bytes(" ".repeat(256 * 1024)) });
    likelyCauses({ ...raw, body: Buffer.concat([raw.body, bytes("\n")]) }, webhook("github"), [], "MISMATCH", NOW);
    expect(tried.macs).toBe(0);
  });

  test("says nothing of a secret, a body or a header's value", () => {
    const marks = { body: "zanzibar", header: "quixotic", other: "the-other-secret-9" };
    const others = [{ ...webhook("github", marks.other), name: "ci" }];
    const headers = { "x-github-event": marks.header, "x-github-delivery": marks.header, host: marks.header };
    const body = bytes(`{"a":"${marks.body}"}`);
    const raws = [
      sent({ provider: "github", secret: bytes(marks.other), body, headers }),
      sent({ provider: "github", secret: bytes(`${SECRET}\n`), body, headers }),
      { ...sent({ provider: "github", body, headers }), body: bytes(`{"a": "${marks.body}"}`) },
      sent({ provider: "slack", body, at: NOW - 900_000 }),
      rawOf(headers, body),
    ];
    const said = raws.flatMap((raw) =>
      (["github", "slack", "qoc"] as const).flatMap((name) =>
        likelyCauses(raw, webhook(name), others, "MISMATCH", NOW),
      ),
    );
    expect(said.length).toBeGreaterThan(10);
    for (const mark of [SECRET, ...Object.values(marks)]) expect(JSON.stringify(said)).not.toContain(mark);
  });

  test("gives an answer for whatever comes", () => {
    const names = [
      "x-hub-signature-256",
      "x-slack-signature",
      "stripe-signature",
      "webhook-signature",
      "x-gitlab-token",
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names, "content-type", "host"), fc.string({ unit: "binary" })),
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...Object.keys(providers).filter(isProviderName)),
        fc.constantFrom("MISMATCH", "NO_SIGNATURE", "MALFORMED", "TOO_OLD", "NO_TIME", "REENCODED"),
        (headers, body, name, fault) => {
          const [first] = likelyCauses(rawOf(headers, body), webhook(name), [webhook("qoc", "else")], fault, NOW);
          expect(first.says).not.toBe("");
        },
      ),
    );
  });
});
