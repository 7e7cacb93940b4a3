import { describe, expect, test } from "vitest";
import type { Refusal } from "../../../src/core/refusals.ts";
import { Overloaded } from "../../../src/engine/ports.ts";
import type { WebhookRuntime } from "../../../src/ingress/desk-ingress.ts";
import { receive, type Accepted } from "../../../src/ingress/receive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { desk, keyOf, NOW, SAMPLE, SECRET, signed, webhook } from "../../support/ingress-desk.ts";

function world(settings: Partial<WebhookRuntime> = {}) {
  const host = fakeEngine();
  const at = desk([webhook(settings)], host);
  const send = (
    body: string | Uint8Array,
    headers: Record<string, string | undefined> = {},
  ): Promise<Accepted | Refusal> => receive(at, "price-alert", signed(body, headers), NOW);
  return { host, send, desk: at };
}
const byId = { dedupe: { kind: "id+body" } } as const;

describe("a first delivery", () => {
  test("is accepted under the id of its run", async () => {
    const { host, send } = world();
    const accepted = await send(SAMPLE);
    expect(accepted).toMatchObject({
      kind: "accepted",
      acknowledgement: { status: 202, body: "receipt" },
      duplicate: false,
      flag: null,
    });
    expect(host.posted.map(({ to }) => to)).toEqual([accepted.kind === "accepted" && `delivery/${accepted.run}`]);
  });

  test("tells its run, in order, that it was verified, normalized and recorded", async () => {
    const { host, send } = world();
    await send(SAMPLE);
    const [mail] = host.posted;
    const [body, headers] = mail?.artifacts.map(({ ref }) => ref.sha256) ?? [];
    expect(mail?.events).toEqual([
      { type: "VERIFIED", scheme: "qoc", secret_index: 0, basis: [body, headers] },
      { type: "NORMALIZED", facts: expect.objectContaining({ event_type: "price_alert" }), basis: [body, headers] },
      {
        type: "RECORDED",
        order: "unknown",
        anchored: false,
        statement: "Write an inbox item because of price_alert",
        basis: [body],
      },
    ]);
  });

  test("is born with the desk's words, an id by its time and a key of 32 bytes", async () => {
    const { host, send, desk: at } = world();
    await send(SAMPLE);
    const [mail] = host.posted;
    expect(mail?.birth).toEqual({
      run: mail?.to.slice("delivery/".length),
      evidence_id: expect.stringMatching(/^019f3286-7748-7/),
      workspace: "equity-desk",
      webhook: "price-alert",
      received_at: NOW,
      origin: "localhost/equity-desk",
      producer: at.producer,
      runner: at.runner,
      policy: webhook().policy,
      request: mail?.artifacts[0]?.ref,
      headers: mail?.artifacts[1]?.ref,
      disclosure_key: Buffer.alloc(32, 2).toString("base64url"),
    });
  });

  test("keeps the body byte for byte", async () => {
    const { host, send } = world();
    await send(SAMPLE, { "content-type": "application/json; charset=utf-8" });
    const request = host.posted[0]?.artifacts[0];
    expect(Buffer.from(request?.bytes ?? []).toString()).toBe(SAMPLE);
    expect(request?.ref).toMatchObject({
      kind: "webhook_request",
      media_type: "application/json; charset=utf-8",
      bytes: SAMPLE.length,
    });
  });

  test.each([[undefined], [""], ["x".repeat(256)]])("has no media type when it says %j", async (type) => {
    const { host, send } = world();
    await send(SAMPLE, { "content-type": type });
    expect(host.posted[0]?.artifacts[0]?.ref.media_type).toBe("application/octet-stream");
  });

  test("keeps of its headers those on the list alone", async () => {
    const { host, send } = world();
    await send(SAMPLE, {
      authorization: "Bearer x",
      cookie: "a=b",
      "user-agent": "curl",
      "x-qoc-delivery": "D-1",
      "x-forwarded-for": "::1",
    });
    const kept: readonly { readonly name: string }[] = JSON.parse(
      Buffer.from(host.posted[0]?.artifacts[1]?.bytes ?? []).toString(),
    );
    expect(kept.map(({ name }) => name)).toEqual(["content-type", "user-agent", "x-qoc-signature", "x-qoc-delivery"]);
  });

  test("is found again by webhook, by bytes and by what it is about", async () => {
    const { host, send } = world({ map: { event: "/event", subject: "/alert_name" } });
    await send(SAMPLE);
    const [mail] = host.posted;
    expect(mail?.index).toEqual([
      { name: "webhook", key: "equity-desk/price-alert" },
      { name: "body", key: `equity-desk/price-alert/${mail?.artifacts[0]?.ref.sha256}` },
      { name: "subject", key: "equity-desk/MSFT 420 break" },
    ]);
  });

  test("is anchored by a full commit hash", async () => {
    const { host, send } = world({ map: { event: "/event", commit_sha: "/sha" } });
    await send(JSON.stringify({ sha: "0123456789".repeat(4) }));
    expect(host.posted[0]?.events[2]).toMatchObject({ type: "RECORDED", anchored: true });
  });

  test("that runs a task says which, and what for", async () => {
    const { host, send } = world({ policy: { ...webhook().policy, action: "run", task: "risk-review" } });
    await send('{"event":"risk_breach"}');
    expect(host.posted[0]?.events[2]).toMatchObject({ statement: "Run risk-review because of risk_breach" });
  });

  test("without an event names its webhook as the cause", async () => {
    const { host, send } = world();
    await send("{}");
    expect(host.posted[0]?.events[2]).toMatchObject({
      statement: "Write an inbox item because of a delivery to price-alert",
    });
  });

  test("that is not JSON is taken all the same", async () => {
    const { host, send } = world();
    expect(await send(new Uint8Array([0xff, 0x00]))).toMatchObject({ kind: "accepted" });
    expect(host.posted[0]?.events[1]).toMatchObject({ facts: { payload: "unparsable" } });
  });

  test("says with which of the secrets it was signed", async () => {
    const { host, send } = world({ secrets: [keyOf("next"), keyOf(SECRET)] });
    await send(SAMPLE);
    expect(host.posted[0]?.events[0]).toMatchObject({ secret_index: 1 });
  });
});

describe("a delivery that came before", () => {
  test("is a duplicate and reaches the run that it began", async () => {
    const { host, send } = world();
    const first = await send(SAMPLE);
    const second = await send(SAMPLE);
    expect(second).toEqual({ ...first, duplicate: true });
    expect(host.posted[1]).toMatchObject({
      to: host.posted[0]?.to,
      birth: null,
      artifacts: [],
      index: [],
      events: [{ type: "REDELIVERED", same_id: true, same_bytes: true, received_at: NOW, artifacts: [] }],
    });
  });

  test("by its bytes is a duplicate under whatever unsigned id", async () => {
    const { send } = world();
    await send(SAMPLE, { "x-qoc-delivery": "D-1" });
    expect(await send(SAMPLE, { "x-qoc-delivery": "D-2" })).toMatchObject({
      duplicate: true,
      delivery_id: "D-2",
      flag: null,
    });
  });

  test("by its id, with other bytes, is a conflict whose bytes and headers are kept", async () => {
    const { host, send } = world(byId);
    const first = await send('{"n":1}', { "x-qoc-delivery": "D-1" });
    const second = await send('{"n":2}', { "x-qoc-delivery": "D-1" });
    expect(second).toEqual({ ...first, flag: "id_conflict" });
    const [mail] = host.posted.slice(1);
    expect(mail?.artifacts.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      '{"n":2}',
      expect.stringContaining("D-1"),
    ]);
    expect(mail?.events).toMatchObject([
      { type: "REDELIVERED", same_id: true, same_bytes: false, artifacts: mail?.artifacts.map(({ ref }) => ref) },
    ]);
  });

  test.each([["D-2"], [undefined]])(
    "by its bytes, under the id %s, is a suspected replay to the run that has them",
    async (id) => {
      const { host, send } = world(byId);
      const first = await send(SAMPLE, { "x-qoc-delivery": "D-1" });
      const second = await send(SAMPLE, { "x-qoc-delivery": id });
      expect(second).toMatchObject({
        run: first.kind === "accepted" && first.run,
        duplicate: false,
        flag: "suspected_replay",
      });
      expect(host.posted[1]?.to).toBe(host.posted[0]?.to);
      expect(host.posted[1]?.events).toMatchObject([{ type: "REDELIVERED", same_id: false, same_bytes: true }]);
      expect(host.posted[1]?.artifacts.map(({ ref }) => ref.kind)).toEqual(["webhook_headers"]);
    },
  );

  test("is nothing but the value at the path, where that is what counts", async () => {
    const { send } = world({ dedupe: { kind: "path", pointer: "/alert" } });
    const first = await send('{"alert":7,"n":1}');
    expect(await send('{"alert":7,"n":1}')).toMatchObject({ duplicate: true, flag: null });
    expect(await send('{"alert":7,"n":2}')).toMatchObject({
      run: first.kind === "accepted" && first.run,
      duplicate: false,
      flag: "id_conflict",
    });
    expect(await send('{"alert":8,"n":1}')).toMatchObject({ duplicate: false, flag: null });
  });

  test("to another webhook is not the same one", async () => {
    const host = fakeEngine();
    const at = desk([webhook(), webhook({ name: "other" })], host);
    const runs = await Promise.all(["price-alert", "other"].map((name) => receive(at, name, signed(SAMPLE), NOW)));
    expect(runs.map((each) => each.kind === "accepted" && each.duplicate)).toEqual([false, false]);
    expect(new Set(host.posted.map(({ to }) => to)).size).toBe(2);
  });
});

test("two copies in one turn begin one run, and neither is answered before it is durable", async () => {
  const { host, send } = world();
  host.hold();
  let answered = 0;
  const both = [send(SAMPLE), send(SAMPLE)].map((sent) =>
    sent.finally(() => {
      answered += 1;
    }),
  );
  await new Promise((turn) => setImmediate(turn));
  expect([host.posted.map(({ birth }) => birth === null), answered]).toEqual([[false, true], 0]);
  host.release();
  expect(await Promise.all(both)).toMatchObject([{ duplicate: false }, { duplicate: true }]);
});

describe("a delivery that is not kept", () => {
  test.each([
    ["too much mail waits", new Overloaded(), "OVERLOADED"],
    ["the disk is full", Object.assign(new Error("write"), { code: "ENOSPC" }), "DISK_LOW"],
    [
      "the store says by its number that the disk is full",
      Object.assign(new Error("commit"), { code: 28 }),
      "DISK_LOW",
    ],
    [
      "a full disk is the cause",
      new Error("commit", { cause: Object.assign(new Error("write"), { code: "ENOSPC" }) }),
      "DISK_LOW",
    ],
    ["anything else failed", new Error("commit failed"), "NOT_PERSISTED"],
  ])("because %s is refused with a time to come again", async (_name, error, code) => {
    const { host, send } = world();
    host.fail(error);
    expect(await send(SAMPLE)).toMatchObject({ kind: "refused", code, retryAfterS: expect.any(Number) });
    host.fail(undefined);
    expect(await send(SAMPLE)).toMatchObject({ kind: "accepted", duplicate: false });
  });

  test("because its signature is wrong is never posted", async () => {
    const { host, send } = world();
    expect(await send(SAMPLE, { "x-qoc-signature": "sha256=00" })).toMatchObject({
      kind: "refused",
      code: "SIGNATURE_INVALID",
    });
    expect(host.posted).toEqual([]);
  });

  test("because there is no such webhook is never verified", async () => {
    expect(await receive(desk(), "absent", signed(SAMPLE), NOW)).toMatchObject({
      kind: "refused",
      code: "ROUTE_UNKNOWN",
    });
  });
});
