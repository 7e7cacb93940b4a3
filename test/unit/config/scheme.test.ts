import { describe, expect, test } from "vitest";
import { providers } from "../../../src/providers/index.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import type { SignatureScheme } from "../../../src/providers/scheme.ts";
import { customWebhook, desk, deskOf, problemsOf, webhook } from "./load-text.ts";

const key = Buffer.alloc(32, 7).toString("base64");
const env = { S: `whsec_${key}` };
const senderOf = (lines: string, header = "X-Sig") => {
  const text = customWebhook(lines).replace("X-Sig", header);
  const provider = deskOf(desk(text), { env }).webhooks[0]?.provider;
  return provider?.kind === "custom" ? provider.sender : undefined;
};
const PARTS = 'field_separator = "="\nfield = "v1"\n';
/** What is wrong with a scheme: `key: what it says → what may be meant`. */
const wrongWith = (lines: string): readonly string[] =>
  problemsOf(desk(customWebhook(lines)), { env }).map(
    ({ key: at, says, nearest }) =>
      `${at?.replace("webhook[0].scheme.", "")} ${says}${nearest === null ? "" : ` → ${nearest}`}`,
  );

describe("a scheme becomes the providers' descriptor:", () => {
  test("one HMAC-SHA256 of the body in hex, when it says no more than its header", () => {
    expect(senderOf("")).toEqual({
      scheme: {
        algorithm: "sha256",
        encoding: "hex",
        headers: ["x-sig"],
        item_separator: null,
        field_separator: null,
        field: null,
        signed: "{body}",
        timestamp: null,
        id_headers: null,
        secret: { encoding: "utf8", prefix: "", prefix_required: false },
      },
      id_header: null,
      event_header: null,
      ack_status: 202,
      handshake: null,
    });
  });

  test("with every key", () => {
    const lines = `algorithm = "sha512"
encoding = "base64"
item_separator = " "
field_separator = ","
field = "v1"
signed = "{id}.{timestamp}.{body}"
timestamp = "header:X-Time"
timestamp_unit = "ms"
tolerance = "1m"
signed_id_header = "X-Signed-Id"
secret_encoding = "base64"
secret_prefix = "whsec_"
event_header = "X-Event"
ack_status = 200
handshake_pointer = "/type"
handshake_value = "url_verification"
handshake_echo = "/challenge"`;
    expect(senderOf(lines)).toEqual({
      scheme: {
        algorithm: "sha512",
        encoding: "base64",
        headers: ["x-sig"],
        item_separator: " ",
        field_separator: ",",
        field: "v1",
        signed: "{id}.{timestamp}.{body}",
        timestamp: { from: "header", names: ["x-time"], unit: "ms", tolerance_s: 60 },
        id_headers: ["x-signed-id"],
        secret: { encoding: "base64", prefix: "whsec_", prefix_required: true },
      },
      id_header: "x-signed-id",
      event_header: "x-event",
      ack_status: 200,
      handshake: { pointer: "/type", value: "url_verification", echo: "/challenge" },
    });
  });

  test.each([
    [
      'item_separator = ","\nfield_separator = "="\nfield = "v1"\nsigned = "{timestamp}.{body}"\ntimestamp = "field:T"',
      { from: "field", names: ["T"], unit: "s", tolerance_s: 300 },
    ],
    ['timestamp = "body:/Sent/At"', { from: "body", names: ["/Sent/At"], unit: "s", tolerance_s: 300 }],
  ])("the time of %j stands where it says, in its own letters", (lines, timestamp) => {
    expect(senderOf(lines)?.scheme.timestamp).toEqual(timestamp);
  });

  test("the delivery's id is the header that is signed, or that is named", () => {
    const signed = 'signed = "{id}.{body}"\nsigned_id_header = "X-Msg"';
    expect([signed, 'id_header = "X-Id"', ""].map((lines) => senderOf(lines)?.id_header)).toEqual([
      "x-msg",
      "x-id",
      null,
    ]);
  });

  test.each([
    ["", "body"],
    ['id_header = "X-Id"', "id+body"],
    ['signed = "{id}.{body}"\nsigned_id_header = "X-Msg"', "id+body"],
  ])("with %j, deliveries are told apart by %s", (lines, kind) => {
    expect(deskOf(desk(customWebhook(lines)), { env }).webhooks[0]?.dedupe).toEqual({ kind });
  });
});

/** GitLab alone has two kinds of secrets to tell apart. */
const withoutRefused = (scheme: SignatureScheme | undefined): unknown => {
  const { encoding, prefix, prefix_required } = scheme?.secret ?? {};
  return { ...scheme, secret: { encoding, prefix, prefix_required } };
};

describe("what the presets say as data can be written as a scheme:", () => {
  const { github, gitlab, pagerduty, slack, stripe, shopify, linear } = providers;
  const standard = `encoding = "base64"
item_separator = " "
field_separator = ","
field = "v1"
signed = "{id}.{timestamp}.{body}"
timestamp = "header:Webhook-Timestamp"
signed_id_header = "Webhook-Id"
secret_encoding = "base64"
secret_prefix = "whsec_"`;
  const slackLines = `field_separator = "="
field = "v0"
signed = "v0:{timestamp}:{body}"
timestamp = "header:X-Slack-Request-Timestamp"
handshake_pointer = "/type"
handshake_value = "url_verification"
handshake_echo = "/challenge"`;
  const stripeLines = `${PARTS}item_separator = ","\nsigned = "{timestamp}.{body}"\ntimestamp = "field:t"`;
  const linearLines = 'timestamp = "body:/webhookTimestamp"\ntimestamp_unit = "ms"\ntolerance = "1m"';

  test.each([
    [github, 0, "X-Hub-Signature-256", 'field_separator = "="\nfield = "sha256"'],
    [gitlab, 0, "Webhook-Signature", standard],
    [gitlab, 1, "X-Gitlab-Token", 'algorithm = "token"'],
    [pagerduty, 0, "X-PagerDuty-Signature", `${PARTS}item_separator = ","`],
    [slack, 0, "X-Slack-Signature", slackLines],
    [stripe, 0, "Stripe-Signature", stripeLines],
    [shopify, 0, "X-Shopify-Hmac-SHA256", 'encoding = "base64"'],
    [linear, 0, "Linear-Signature", linearLines],
  ] as const)("$name, scheme %i", ({ schemes, handshake }: Provider, place, header, lines) => {
    const sender = senderOf(lines, header);
    expect(sender?.scheme).toEqual(withoutRefused(schemes[place]));
    expect(sender?.handshake).toEqual(handshake);
  });
});

test.each([
  'algorithm = "token"',
  'algorithm = "token"\nfield = "Bearer"\nfield_separator = " "',
  'algorithm = "sha1"',
  'item_separator = " "',
  'encoding = "base64"\nfield_separator = "="\nfield = "sha256"',
  'signed = "{timestamp}{body}"\ntimestamp = "header:X-Time"',
  'timestamp_unit = "ms"\ntolerance = "10s"',
  'id_header = "X-Id"\nevent_header = "X-Id"',
])("a scheme may say %j", (lines) => {
  expect(wrongWith(lines)).toEqual([]);
});

const NOTHING_SIGNED =
  'must be left out with algorithm = "token": the header holds the secret itself, and nothing is signed';
const TOUCHES = "signed must have something between {id} and what is beside it, or nobody can tell where one ends";
const BODY_FIRST = "signed must have {body} behind {id}: a body can hold whatever stands between the two";
const SAME_HEADER = "must be another header than the one that holds the signature";

describe("a scheme is refused", () => {
  test.each([
    ['algorithm = "hmac-sha256"', ['algorithm must be "sha256", "sha512", "sha1", "ed25519", or "token" → null']],
    ['encoding = "HEX"', ['encoding must be "hex" or "base64" → "hex"']],
    ["ack_status = 204", ["ack_status must be 202 or 200 → 202"]],
    ['ack_status = "200"', ["ack_status must be 202 or 200 → 200"]],
    ['tolerance = "2d"', ['tolerance must be at most 24h → "24h"']],
    ['secret = "hunter2"', ["secret is not a key of webhook[0].scheme → webhook.secret"]],
    ['sign = "X"', ["sign is not a key of webhook[0].scheme → signed"]],
  ])("for the value of %s", (lines, problems) => {
    expect(wrongWith(lines)).toEqual(problems.map((each) => each.replace(" → null", "")));
  });

  test.each(["algorithm", "signed", "timestamp", "id_header", "secret_prefix"])("for a %s that is no text", (name) => {
    expect(problemsOf(desk(customWebhook(`${name} = 7`)), { env })).toMatchObject([
      { key: `webhook[0].scheme.${name}`, seen: "7" },
    ]);
  });

  test("for a header that it does not name", () => {
    expect(problemsOf(desk(webhook('provider = "custom"\n[webhook.scheme]\nfield = "a"')), { env })).toMatchObject([
      { line: 7, key: "webhook[0].scheme.header", says: "is required: the header that holds the signature" },
      { line: 7, key: "webhook[0].scheme.field_separator" },
    ]);
  });

  test.each([
    ['encoding = "hex"', "encoding"],
    ['signed = "{body}"', "signed"],
    ['timestamp = "body:/t"', "timestamp"],
    ['signed_id_header = "X-Id"', "signed_id_header"],
    ['secret_encoding = "base64"', "secret_encoding"],
    ['secret_prefix = "whsec_"', "secret_prefix"],
  ])("for %s beside a token", (line, name) => {
    expect(wrongWith(`algorithm = "token"\n${line}`)).toEqual([`${name} ${NOTHING_SIGNED}`]);
  });

  test.each([
    ['signed = "{timestamp}.{body}"', ["timestamp is required with {timestamp} in signed: where does it stand?"]],
    [
      'timestamp = "header:X-Time"',
      ['signed must hold {timestamp}: a time that is not signed proves nothing → "{timestamp}.{body}"'],
    ],
    [
      'signed = "v0:{body}"\ntimestamp = "header:X-Time"',
      ['signed must hold {timestamp}: a time that is not signed proves nothing → "v0:{timestamp}.{body}"'],
    ],
    [
      'signed = "{timestamp}.{body}"\ntimestamp = "body:/t"',
      ['signed must not hold {timestamp}, which is signed within the body → "{body}"'],
    ],
    ['signed = "{id}.{body}"', ["signed_id_header is required with {id} in signed"]],
    [
      'signed_id_header = "X-Id"',
      [
        "signed_id_header must be left out unless signed holds {id}; the header of an id that is not signed is id_header",
      ],
    ],
    [
      'signed = "{id}.{body}"\nsigned_id_header = "X-Msg"\nid_header = "X-Id"',
      ["id_header must be left out with signed_id_header, which is the delivery's id, and signed"],
    ],
  ])("for a time or an id that is not what is signed: %s", (lines, problems) => {
    expect(wrongWith(lines)).toEqual(problems);
  });

  test.each([
    ["{id}{body}", `${TOUCHES} → "{id}.{body}"`],
    ["{timestamp}{id}:{body}", `${TOUCHES} → "{timestamp}.{id}:{body}"`],
    ["{body}{id}", `${BODY_FIRST} → "{id}.{body}"`],
    ["{body}:{id}", `${BODY_FIRST} → "{id}:{body}"`],
    ["{timestamp}7{body}", "signed must not have a digit beside {timestamp}: it could be one of the time's"],
  ])("for what is signed and could be cut in two ways, as of %s", (signed, says) => {
    const time = signed.includes("{timestamp}") ? '\ntimestamp = "header:X-Time"' : "";
    const id = signed.includes("{id}") ? '\nsigned_id_header = "X-Id"' : "";
    expect(wrongWith(`signed = "${signed}"${time}${id}`)).toEqual([says]);
    expect(problemsOf(desk(customWebhook(`signed = "${signed}"${time}${id}`)), { env })).toMatchObject([
      { line: 9, column: 10, key: "webhook[0].scheme.signed", seen: `"${signed}"` },
    ]);
  });

  test.each([
    ['field = "v1"', ['field_separator is required with field → "="']],
    ['field_separator = "="', ["field is required with field_separator: which part is the signature?"]],
    [
      'signed = "{timestamp}.{body}"\ntimestamp = "field:t"',
      [
        'item_separator is required with timestamp = "field:t" → ","',
        'field_separator is required with timestamp = "field:t" → "="',
        'field is required with timestamp = "field:t"',
      ],
    ],
    [
      `${PARTS}item_separator = ","\nsigned = "{timestamp}.{body}"\ntimestamp = "field:V1"`,
      ["timestamp must name another part than field, which is the signature"],
    ],
    [`${PARTS}item_separator = "="`, ["field_separator must be another one than item_separator"]],
    [
      'encoding = "base64"\nitem_separator = "/"',
      ['item_separator must not be what base64 itself is written with → ","'],
    ],
  ])("for parts that cannot be told apart: %s", (lines, problems) => {
    expect(wrongWith(lines)).toEqual(problems);
  });

  test.each([
    ['id_header = "x-sig"', [`id_header ${SAME_HEADER}`]],
    ['event_header = "X-SIG"', [`event_header ${SAME_HEADER}`]],
    ['signed = "{id}.{body}"\nsigned_id_header = "X-Sig"', [`signed_id_header ${SAME_HEADER}`]],
    ['signed = "{timestamp}.{body}"\ntimestamp = "header:X-sig"', [`timestamp ${SAME_HEADER} → "field:NAME"`]],
    ['algorithm = "token"\nid_header = "X-Sig"', [`id_header ${SAME_HEADER}`]],
  ])("for a header that is two things: %s", (lines, problems) => {
    expect(wrongWith(lines)).toEqual(problems);
  });

  test.each([
    [
      'handshake_pointer = "/type"',
      ["handshake_value is required with handshake_pointer", "handshake_echo is required with handshake_pointer"],
    ],
    [
      'handshake_pointer = "/type"\nhandshake_echo = "/challenge"',
      ["handshake_value is required with handshake_pointer and handshake_echo"],
    ],
  ])("for half a handshake: %s", (lines, problems) => {
    expect(wrongWith(lines)).toEqual(problems);
  });

  test("for everything that is wrong with it, each with its place", () => {
    const lines = 'algorithm = "sha257"\nfield = "v1="\nsigned = "{body}.{ts}"\nhandshake_echo = "challenge"';
    expect(
      problemsOf(desk(customWebhook(lines)), { env }).map(({ line, column, key: at, nearest }) => [
        line,
        column,
        at?.split(".").at(-1),
        nearest,
      ]),
    ).toEqual([
      [7, 10, "field_separator", '"="'],
      [7, 10, "handshake_pointer", null],
      [7, 10, "handshake_value", null],
      [9, 13, "algorithm", '"sha256"'],
      [10, 9, "field", '"v1"'],
      [11, 10, "signed", '"{body}.{timestamp}"'],
      [12, 18, "handshake_echo", '"/challenge"'],
    ]);
  });
});

describe("dedupe by id", () => {
  const byId = (lines: string): readonly string[] =>
    problemsOf(desk(customWebhook(lines).replace("[webhook.scheme]", 'dedupe = "id+body"\n[webhook.scheme]')), {
      env,
    }).map(({ key: at, says, nearest }) => `${at} ${says} → ${nearest}`);

  test("needs an id where the sender is described", () => {
    expect(byId("")).toEqual(['webhook[0].dedupe needs an id: map.id, or in [webhook.scheme] id_header → "body"']);
  });

  test.each(['id_header = "X-Id"', 'signed = "{id}.{body}"\nsigned_id_header = "X-Id"', '[webhook.map]\nid = "/id"'])(
    "has one with %j",
    (lines) => {
      expect(byId(lines)).toEqual([]);
    },
  );
});
