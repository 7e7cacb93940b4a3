/** Webhooks that store what is filtered. What is durable is all that is posted and kept. */
import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createJudgeAside } from "../../../src/adapters/judge-aside.ts";
import { birthIn } from "../../../src/core/delivery-journal.ts";
import type { Refusal } from "../../../src/core/refusals.ts";
import type { Artifact } from "../../../src/engine/ports.ts";
import type { WebhookRuntime } from "../../../src/ingress/desk-ingress.ts";
import { receive, type Accepted } from "../../../src/ingress/receive.ts";
import { providers } from "../../../src/providers/index.ts";
import type { RedactionRule } from "../../../src/redaction/rule.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { desk, NOW, signatureOf, signed, webhook } from "../../support/ingress-desk.ts";

const rules: readonly RedactionRule[] = [
  { kind: "email", id: "mail" },
  { kind: "pattern", id: "canary", pattern: "canary-[a-z0-9-]+" },
  { kind: "pointer", id: "place", pointer: "/user/*" },
  { kind: "header", id: "agent", header: "user-agent" },
];
const KEY = Buffer.alloc(32, 5);
const filter = { rules, key: KEY };

const textOf = ({ bytes }: Artifact): string => Buffer.from(bytes).toString();

function world(settings: Partial<WebhookRuntime> = {}) {
  const host = fakeEngine();
  const at = desk([webhook({ filter, ...settings })], host);
  const send = (
    body: string | Uint8Array,
    headers: Record<string, string | undefined> = {},
  ): Promise<Accepted | Refusal> => receive(at, "price-alert", signed(body, headers), NOW);
  // The bytes by themselves: JSON would write a buffer as numbers, in which no search finds anything.
  const durable = (): string =>
    [...host.posted, ...host.kept]
      .flatMap((one) => [JSON.stringify(one), ...("artifacts" in one ? one.artifacts : [one]).map(textOf)])
      .join("\n");
  return { host, send, durable, desk: at };
}

const birthIs = ({ host }: ReturnType<typeof world>, n = 0) => birthIn(host.posted[n]?.birth ?? null);
const hex = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const bodyOf = ({ host }: ReturnType<typeof world>, n = 0): string =>
  Buffer.from(host.posted[n]?.artifacts.find(({ ref }) => ref.kind === "webhook_request")?.bytes ?? []).toString();

const BODY = '{"event":"canary-event","n":420.00,"mail":"joe@x.de","user":{"id":7},"alert":"canary-alert"}';

describe("a delivery to a filtered webhook", () => {
  const mapped = { map: { event: "/event", subject: "/alert", actor: "/mail", id: "/alert", ref: "/user/id" } };

  test("is verified as it came and stored as its rules leave it", async () => {
    const at = world();
    expect(await at.send(BODY)).toMatchObject({ kind: "accepted" });
    expect(bodyOf(at)).toBe(
      '{"event":"[redacted:canary]","n":420.00,"mail":"[redacted:mail]","user":{"id":"[redacted:place]"},"alert":"[redacted:canary]"}',
    );
    expect(birthIs(at).request).toMatchObject({ sha256: hex(bodyOf(at)), bytes: bodyOf(at).length });
  });

  test("leaves nothing that was masked in anything durable: body, headers, facts, subject, index, statement", async () => {
    const at = world({ ...mapped, dedupe: { kind: "id+body" } });
    const raw = world({ ...mapped, filter: null });
    await raw.send(BODY, { "user-agent": "agent-7f3a" });
    expect(raw.durable()).toMatch(/agent-7f3a/);
    const headers = {
      "x-qoc-delivery": "canary-id",
      "user-agent": "agent-7f3a",
      "content-type": "application/json; x=canary-type",
    };
    await at.send(BODY, headers);
    await at.send(BODY.replace("420.00", "421.00"), headers);
    await at.send(BODY, { ...headers, "x-qoc-delivery": "canary-id-2" });
    const all = at.durable();
    expect(all.match(/canary-[a-z0-9-]+|joe@|agent-7f3a/g)).toBeNull();
    expect(all).toContain("Write an inbox item because of [redacted:canary]");
    expect(all).not.toContain("subject/");
    expect(birthIs(at).request.media_type).toBe("application/octet-stream");
  });

  describe("stands in a series only where nothing of it is masked:", () => {
    const series = { map: { event: "/event", subject: "/about", updated_at: "/at" } };
    const placed = async (body: object) => {
      const at = world(series);
      await at.send(JSON.stringify(body));
      return at.host.posted[0]?.through ?? null;
    };

    test("what is about two things is not about one", async () => {
      expect(await placed({ about: "canary-one", at: "2026-07-05T10:00:00Z" })).toBeNull();
      // A long subject is known by its hash, in which no mask is seen.
      expect(await placed({ about: `canary-one ${"x".repeat(2000)}`, at: "2026-07-05T10:00:00Z" })).toBeNull();
    });

    test("a masked time is no order, and nothing is stale because of it", async () => {
      expect(await placed({ about: "one", at: "canary-time" })).toMatchObject({ event: { order: null } });
      expect(await placed({ about: "one", at: "2026-07-05T10:00:00Z" })).toMatchObject({
        to: "subject/equity-desk/price-alert/one",
        event: { order: { kind: "mark" } },
      });
    });
  });

  test.each([
    ["the body", { dedupe: { kind: "body" } }],
    ["an id", { dedupe: { kind: "id+body" } }],
    ["a path", { dedupe: { kind: "path", pointer: "/mail" } }],
  ] as const)("known by %s leaves no hash of what was masked that anybody could make", async (_name, settings) => {
    const at = world({ ...mapped, ...settings });
    const raw = world({ ...mapped, ...settings, filter: null });
    await at.send(BODY, { "x-qoc-delivery": "canary-id" });
    await raw.send(BODY, { "x-qoc-delivery": "canary-id" });
    expect(raw.durable()).toContain(hex(BODY));
    expect(at.durable()).not.toContain(hex(BODY));
    expect(birthIs(at).run).not.toBe(birthIs(raw).run);
    const other = world({ ...mapped, ...settings, filter: { rules, key: Buffer.alloc(32, 6) } });
    await other.send(BODY, { "x-qoc-delivery": "canary-id" });
    expect(birthIs(other).run).not.toBe(birthIs(at).run);
    expect(other.host.posted[0]?.index.find(({ name }) => name === "body")).not.toEqual(
      at.host.posted[0]?.index.find(({ name }) => name === "body"),
    );
  });

  test("commits to the bytes as received under the run's key, and says so", async () => {
    const at = world();
    await at.send(BODY);
    const birth = birthIs(at);
    const committed = createHmac("sha256", Buffer.from(birth.disclosure_key, "base64url"))
      .update(`qoc.evidence/v1/raw\n${BODY}`)
      .digest("hex");
    expect(birth.filtered?.raw_bytes_committed).toBe(committed);
    expect(at.host.posted[0]?.events[1]).toMatchObject({ type: "NORMALIZED", raw_bytes_committed: committed });
  });

  test("has a receipt for each rule and place, in the body and in headers", async () => {
    const at = world();
    await at.send(BODY, { "user-agent": "agent-7f3a", "x-qoc-delivery": "canary-id" });
    expect(birthIs(at).filtered?.redactions).toEqual([
      { rule_id: "canary", path: "/body/event", match_type: "pattern", match_count: 1, masked_len: 12 },
      { rule_id: "mail", path: "/body/mail", match_type: "email", match_count: 1, masked_len: 8 },
      { rule_id: "place", path: "/body/user/id", match_type: "pointer", match_count: 1, masked_len: 1 },
      { rule_id: "canary", path: "/body/alert", match_type: "pattern", match_count: 1, masked_len: 12 },
      { rule_id: "agent", path: "/headers/user-agent", match_type: "header", match_count: 1, masked_len: 10 },
      { rule_id: "canary", path: "/headers/x-qoc-delivery", match_type: "pattern", match_count: 1, masked_len: 9 },
    ]);
  });

  test("with a short body has its headers masked where they match, and not whole", async () => {
    const pattern = "(build|job) [a-z]*[0-9]{100}|v[0-9]+";
    const at = world({ filter: { rules: [{ kind: "pattern", id: "own", pattern }], key: KEY } });
    await at.send("{}", { "user-agent": `agent v1 ${"x".repeat(300)}` });
    expect(at.durable()).toContain(`agent [redacted:own] ${"x".repeat(300)}`);
  });

  test("that cannot be read is not stored, and is a run all the same", async () => {
    const at = world();
    expect(await at.send(new Uint8Array([0xff, 1]))).toMatchObject({ kind: "accepted", duplicate: false });
    expect(bodyOf(at)).toBe("");
    expect(birthIs(at).filtered?.redactions).toMatchObject([
      { path: "/body", match_type: "unreadable", masked_len: 2 },
    ]);
    expect(await at.send(new Uint8Array([0xff, 2]))).toMatchObject({ kind: "accepted", duplicate: false });
    expect(await at.send(new Uint8Array([0xff, 1]))).toMatchObject({ duplicate: true });
  });

  test("answers a challenge as it came", async () => {
    const body = JSON.stringify({ type: "url_verification", challenge: "canary-challenge" });
    const at = world({ sender: { kind: "preset", name: "slack" } });
    const time = `${NOW / 1000}`;
    const raw = signed(body, {
      "x-slack-request-timestamp": time,
      "x-slack-signature": `v0=${createHmac("sha256", "your-signing-secret").update(`v0:${time}:${body}`).digest("hex")}`,
    });
    expect(await receive(at.desk, "price-alert", raw, NOW)).toMatchObject({
      kind: "accepted",
      challenge: { name: "challenge", value: "canary-challenge" },
    });
    expect(at.durable()).not.toContain("canary-");
  });

  test("from a sender whose signatures anybody can check keeps no signature: it would confirm a guess", async () => {
    expect(providers["standard-webhooks"].schemes.some(({ algorithm }) => algorithm === "ed25519")).toBe(true);
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const { x = "" } = publicKey.export({ format: "jwk" });
    const secret = Buffer.from(`whpk_${Buffer.from(x, "base64url").toString("base64")}`);
    const at = world({ sender: { kind: "preset", name: "standard-webhooks" }, secrets: [secret] });
    const time = `${NOW / 1000}`;
    const signature = sign(null, Buffer.from(`msg-1.${time}.${BODY}`), privateKey).toString("base64");
    const headers = { "webhook-id": "msg-1", "webhook-timestamp": time, "webhook-signature": `v1a,${signature}` };
    expect(await at.send(BODY, headers)).toMatchObject({ kind: "accepted" });
    expect(at.durable()).not.toContain(signature);
    expect(birthIs(at).filtered?.redactions).toContainEqual(
      expect.objectContaining({ rule_id: "*", path: "/headers/webhook-signature", match_type: "signature" }),
    );
  });
});

describe("redeliveries are told apart by what came, as for a webhook that stores it", () => {
  const cases = [
    ["the same", BODY, "D-1"],
    ["the same again", BODY, "D-1"],
    ["other bytes where the mask is", BODY.replace("joe@", "ann@"), "D-1"],
    ["those other bytes again", BODY.replace("joe@", "ann@"), "D-1"],
    ["other bytes elsewhere", BODY.replace("420.00", "421.00"), "D-1"],
    ["the first bytes under another id", BODY, "D-2"],
    ["conflicting bytes under another id", BODY.replace("joe@", "ann@"), "D-3"],
    ["something else", '{"event":"x"}', "D-4"],
    ["something else that is filtered alike", '{"event":"canary-other"}', "D-5"],
    ["what is filtered like it", '{"event":"canary-another"}', "D-6"],
  ] as const;

  test.each([
    ["body", { dedupe: { kind: "body" } }],
    ["id+body", { dedupe: { kind: "id+body" } }],
    ["path", { dedupe: { kind: "path", pointer: "/mail" } }],
  ] as const)("by %s", async (_name, settings) => {
    const [raw, masked] = [world({ ...settings, filter: null }), world(settings)];
    const verdicts = async ({ send }: ReturnType<typeof world>) => {
      const said: unknown[] = [];
      const runs: string[] = [];
      for (const [, body, id] of cases) {
        const answer = await send(body, { "x-qoc-delivery": id });
        if (answer.kind !== "accepted") throw new Error(answer.code);
        if (!runs.includes(answer.run)) runs.push(answer.run);
        said.push([runs.indexOf(answer.run), answer.duplicate, answer.flag]);
      }
      return said;
    };
    expect(await verdicts(masked)).toEqual(await verdicts(raw));
  });

  test.each([
    ["body", { dedupe: { kind: "body" } }],
    ["id+body", { dedupe: { kind: "id+body" } }],
    ["path", { dedupe: { kind: "path", pointer: "/mail" } }],
  ] as const)("also from what came before the webhook was filtered, by %s", async (_name, settings) => {
    const verdicts = async (filteredFrom: number) => {
      const host = fakeEngine();
      const before = desk([webhook(settings)], host);
      const after = desk([webhook({ ...settings, filter })], host);
      const said: unknown[] = [];
      const runs: string[] = [];
      for (const [i, [, body, id]] of cases.entries()) {
        const at = i < filteredFrom ? before : after;
        const answer = await receive(at, "price-alert", signed(body, { "x-qoc-delivery": id }), NOW);
        if (answer.kind !== "accepted") throw new Error(answer.code);
        if (!runs.includes(answer.run)) runs.push(answer.run);
        said.push([runs.indexOf(answer.run), answer.duplicate, answer.flag]);
      }
      const since = JSON.stringify(host.posted.slice(filteredFrom));
      const masked = cases.map(([, body]) => body).filter((body) => /@|canary/.test(body));
      expect(filteredFrom < cases.length && masked.some((body) => since.includes(hex(body)))).toBe(false);
      return said;
    };
    const raw = await verdicts(cases.length);
    expect(await verdicts(1)).toEqual(raw);
    expect(await verdicts(3)).toEqual(raw);
  });

  const byId = { dedupe: { kind: "id+body" } } as const;

  test("a conflict brings its receipts, and commits to its bytes under the key of the run", async () => {
    const at = world(byId);
    const other = BODY.replace("joe@", "ann@");
    await at.send(BODY, { "x-qoc-delivery": "D-1" });
    await at.send(other, { "x-qoc-delivery": "D-1" });
    const key = Buffer.from(birthIs(at).disclosure_key, "base64url");
    expect(at.host.posted[1]?.events[0]).toMatchObject({
      type: "REDELIVERED",
      same_bytes: false,
      filtered: {
        redactions: expect.arrayContaining([expect.objectContaining({ rule_id: "mail", path: "/body/mail" })]),
        raw_bytes_committed: createHmac("sha256", key).update(`qoc.evidence/v1/raw\n${other}`).digest("hex"),
      },
    });
  });

  test("a replay brings its bytes, which other rules may have left otherwise", async () => {
    const at = world(byId);
    await at.send(BODY, { "x-qoc-delivery": "D-1" });
    await at.send(BODY, { "x-qoc-delivery": "D-2" });
    const [, replay] = at.host.posted;
    expect(replay?.events[0]).toMatchObject({ same_bytes: true, filtered: { redactions: expect.any(Array) } });
    expect(replay?.artifacts.map(({ ref }) => ref.kind)).toEqual(["webhook_request", "webhook_headers"]);
  });

  test("a plain duplicate brings nothing", async () => {
    const at = world(byId);
    await at.send(BODY, { "x-qoc-delivery": "D-1" });
    await at.send(BODY, { "x-qoc-delivery": "D-1" });
    expect(at.host.posted[1]).toMatchObject({ artifacts: [], index: [], events: [{ artifacts: [] }] });
    expect(at.host.posted[1]?.events[0]).not.toHaveProperty("filtered");
  });
});

describe("a large body", () => {
  const LARGE = JSON.stringify({ mail: "joe@x.de", text: "x".repeat(300_000), more: "canary-large" });

  test("is filtered in the other thread, and only what is left is kept", async () => {
    const aside = createJudgeAside();
    try {
      const at = world();
      const asked = { ...at.desk, judgeAside: aside.judge };
      expect(await receive(asked, "price-alert", signed(LARGE), NOW)).toMatchObject({ duplicate: false });
      expect(await receive(asked, "price-alert", signed(LARGE), NOW)).toMatchObject({ duplicate: true });
      expect(at.host.kept.map(({ bytes }) => Buffer.from(bytes).toString())).toContain(
        LARGE.replace("joe@x.de", "[redacted:mail]").replace("canary-large", "[redacted:canary]"),
      );
      expect(at.durable()).not.toMatch(/joe@|canary-/);
      const key = Buffer.from(birthIs(at).disclosure_key, "base64url");
      expect(birthIs(at).filtered?.raw_bytes_committed).toBe(
        createHmac("sha256", key).update(`qoc.evidence/v1/raw\n${LARGE}`).digest("hex"),
      );
    } finally {
      await aside.close();
    }
  });

  test("that comes again under other rules leaves nothing behind that no run names", async () => {
    const at = world();
    await receive(at.desk, "price-alert", signed(LARGE), NOW);
    const fewer = desk([webhook({ filter: { rules: rules.slice(0, 1), key: KEY } })], at.host);
    expect(await receive(fewer, "price-alert", signed(LARGE), NOW)).toMatchObject({ duplicate: true });
    expect(at.host.kept).toHaveLength(1);
    expect(at.durable()).not.toContain("canary-large");
  });

  test("is one of 4 KiB where a rule has a pattern", async () => {
    let aside = 0;
    const send = async (bytes: number, filtering: WebhookRuntime["filter"]): Promise<void> => {
      const at = world({ filter: filtering });
      const { judgeAside } = at.desk;
      const counted = {
        ...at.desk,
        judgeAside: (...asked: Parameters<typeof judgeAside>) => ((aside += 1), judgeAside(...asked)),
      };
      await receive(counted, "price-alert", signed(JSON.stringify("x".repeat(bytes))), NOW);
    };
    await send(5000, filter);
    await send(3000, filter);
    await send(5000, null);
    await send(5000, { rules: [{ kind: "email", id: "mail" }], key: KEY });
    expect(aside).toBe(1);
  });
});

test("a delivery is verified over the bytes as they came", async () => {
  const at = world();
  const kept = BODY.replace("joe@x.de", "[redacted:mail]");
  expect(await at.send(kept, { "x-qoc-signature": signatureOf(BODY) })).toMatchObject({ code: "SIGNATURE_INVALID" });
  expect(at.host.posted).toEqual([]);
});
