/** Published signatures through the verifier, and each that verifies again with one bit turned over wherever the signature reaches. */
import { describe, expect, test } from "vitest";
import { flipsOf, judge, rawOf, worldOf } from "../../support/signed-request.ts";
import { vectorCases, vectorFile, type SignatureCase } from "../../support/signature-vectors.ts";
import { providers } from "../../../src/providers/index.ts";
import { hmacOfBody } from "../../../src/providers/scheme.ts";

/** They stand here so that they are tried wherever the tests run. */
const published: readonly SignatureCase[] = [
  {
    name: "GitHub, Validating webhook deliveries",
    schemes: providers.github.schemes,
    attempt: {
      raw: rawOf("Hello, World!", {
        "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
      }),
      world: worldOf(["It's a Secret to Everybody"]),
    },
    verifies: true,
    expected: "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    headers: ["x-hub-signature-256"],
  },
  {
    name: "RFC 4231, test case 2",
    schemes: [hmacOfBody("x-signature", "")],
    attempt: {
      raw: rawOf("what do ya want for nothing?", {
        "x-signature": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      }),
      world: worldOf(["Jefe"]),
    },
    verifies: true,
    expected: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    headers: ["x-signature"],
  },
  {
    name: "Standard Webhooks, reference libraries",
    schemes: providers["standard-webhooks"].schemes,
    attempt: {
      raw: rawOf('{"test": 2432232314}', {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      }),
      world: worldOf(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], { now: 1_614_265_330_000 }),
    },
    verifies: true,
    expected: "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    headers: ["webhook-id", "webhook-timestamp", "webhook-signature"],
  },
  {
    name: "Slack, Verifying requests from Slack",
    schemes: providers.slack.schemes,
    attempt: {
      raw: rawOf(
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
          "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
          "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
          "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        {
          "x-slack-request-timestamp": "1531420618",
          "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
      ),
      world: worldOf(["8f742231b10e8888abcd99yyyzzz85a5"], { now: 1_531_420_618_000 }),
    },
    verifies: true,
    expected: "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    headers: ["x-slack-request-timestamp", "x-slack-signature"],
  },
  {
    name: "Twilio, Validating requests",
    schemes: providers.twilio.schemes,
    attempt: {
      raw: rawOf(
        "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212",
        { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ=" },
        "/myapp.php?foo=1&bar=2",
      ),
      world: worldOf(["12345"], { public_url: "https://mycompany.com" }),
    },
    verifies: true,
    expected: "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
    headers: ["x-twilio-signature"],
  },
];

/** Made for another body, in each of the ways above. */
const forged = published.map(({ attempt, ...rest }) => ({
  ...rest,
  attempt: { ...attempt, raw: { ...attempt.raw, body: Buffer.from("payload=other") } },
}));

if (vectorFile === undefined) process.stdout.write("skipped: the file of signature vectors, not on this machine\n");
const cases = [...published, ...vectorCases()];

test.runIf(vectorFile !== undefined)("every vector of the file is tried", () => {
  const visited = new Set(vectorCases().map(({ name }) => name.slice(0, name.indexOf(" "))));
  expect(visited.size).toBe(83);
});

describe("a published signature verifies", () => {
  test.each(cases.filter(({ verifies }) => verifies))("$name", ({ attempt, schemes }) => {
    expect(judge(attempt, schemes)).toBe(0);
  });
});

describe("a published signature that is wrong is refused", () => {
  test.each([...forged, ...cases.filter(({ verifies }) => !verifies)])("$name", ({ attempt, schemes }) => {
    expect(judge(attempt, schemes)).toMatch(/^(?:MISMATCH|MALFORMED|NO_TIME)$/);
  });
});

describe("a published signature is refused with one bit turned over", () => {
  test.each(cases.filter(({ verifies }) => verifies))("$name", ({ attempt, schemes, headers, expected }) => {
    const scheme = schemes.find(({ headers: names }) => names.some((name) => headers.includes(name))) ?? schemes[0];
    const decides = (item: string): boolean => item.includes(expected) || item.startsWith("t=");
    const flips = [...flipsOf(attempt, scheme, headers, decides)];
    expect(flips.length).toBeGreaterThan(300);
    expect(flips.filter((flip) => typeof judge(flip.attempt, schemes) === "number").map(({ says }) => says)).toEqual(
      [],
    );
  });
});

test("GitHub's older header decides nothing, right as it may be", () => {
  const raw = rawOf("{}", { "x-hub-signature": "sha1=5d61605c3feea9799210ddcb71307d4ba264225f" });
  expect(judge({ raw, world: worldOf(["secret"]) }, providers.github.schemes)).toBe("NO_SIGNATURE");
});
