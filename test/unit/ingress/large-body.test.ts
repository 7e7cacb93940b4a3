import { describe, expect, test } from "vitest";
import type { Address } from "../../../src/core/ids.ts";
import type { Refusal } from "../../../src/core/refusals.ts";
import type { WebhookRuntime } from "../../../src/ingress/desk-ingress.ts";
import { receive, type Accepted } from "../../../src/ingress/receive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { desk, NOW, signed, webhook } from "../../support/ingress-desk.ts";

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

describe("a body too large to ride in mail", () => {
  const LARGE = JSON.stringify({ event: "large", text: "x".repeat(300_000) });

  test("is kept ahead of the mail that names it", async () => {
    const { host, send } = world();
    expect(await send(LARGE)).toMatchObject({ kind: "accepted", duplicate: false });
    expect(host.kept.map(({ ref }) => ref.bytes)).toEqual([LARGE.length]);
    const [mail] = host.posted;
    expect(mail?.birth).toMatchObject({ request: host.kept[0]?.ref });
    expect(mail?.artifacts.map(({ ref }) => ref.kind)).toEqual(["webhook_headers"]);
    expect(await send(LARGE)).toMatchObject({ duplicate: true });
  });

  test("is kept once: a duplicate names no bytes", async () => {
    const { host, send } = world();
    await send(LARGE);
    await send(LARGE);
    expect(host.kept).toHaveLength(1);
  });

  test("that a copy made known while it was kept is a duplicate", async () => {
    const { host, send } = world();
    const answers = await Promise.all([send(LARGE), send(LARGE)]);
    expect(answers).toMatchObject([{ duplicate: false }, { duplicate: true }]);
    expect(host.posted.map(({ birth }) => birth === null)).toEqual([false, true]);
  });

  test("pays for one look at what is known, and for a second one where it was kept", async () => {
    let looks = 0;
    const host = fakeEngine();
    const known = { ...host.known, knows: (address: Address) => ((looks += 1), host.known.knows(address)) };
    const at = desk([webhook()], { ...host, known });
    const looksFor = async (body: string): Promise<number> => {
      const before = looks;
      await receive(at, "price-alert", signed(body), NOW);
      return looks - before;
    };
    expect([await looksFor("{}"), await looksFor(LARGE), await looksFor(LARGE)]).toEqual([1, 2, 1]);
  });

  test("is refused, and nothing is posted, when it cannot be kept", async () => {
    const { host, send } = world();
    host.fail(new Error("no"));
    expect(await send(LARGE)).toMatchObject({ kind: "refused", code: "NOT_PERSISTED" });
    expect(host.posted).toEqual([]);
  });

  test("is not kept for a run of an agent that there is no place for", async () => {
    const host = fakeEngine();
    const agent = webhook({ policy: { ...webhook().policy, action: "run", task: "review" } });
    const full = { ...desk([agent], host), queue: { join: () => false, leave: () => undefined } };
    expect(await receive(full, "price-alert", signed(LARGE), NOW)).toMatchObject({ code: "OVERLOADED" });
    expect(host.kept).toEqual([]);
  });

  test("gives its place back when it cannot be kept, and when a copy took it", async () => {
    const places: string[] = [];
    const host = fakeEngine();
    const agent = webhook({ policy: { ...webhook().policy, action: "run", task: "review" } });
    const queue = {
      join: (run: string) => (places.push(run), true),
      leave: (run: string) => void places.splice(places.indexOf(run), 1),
    };
    const at = { ...desk([agent], host), queue };
    await Promise.all([1, 2].map(() => receive(at, "price-alert", signed(LARGE), NOW)));
    expect(places).toHaveLength(1);
    host.fail(new Error("no"));
    expect(await receive(at, "price-alert", signed(`${LARGE} `), NOW)).toMatchObject({ code: "NOT_PERSISTED" });
    expect(places).toHaveLength(1);
  });

  test("is named by a conflict too", async () => {
    const { host, send } = world(byId);
    await send("{}", { "x-qoc-delivery": "D-1" });
    expect(await send(LARGE, { "x-qoc-delivery": "D-1" })).toMatchObject({ flag: "id_conflict" });
    expect(host.posted[1]?.events).toMatchObject([{ artifacts: [host.kept[0]?.ref, { kind: "webhook_headers" }] }]);
    expect(host.posted[1]?.artifacts.map(({ ref }) => ref.kind)).toEqual(["webhook_headers"]);
  });

  test("that cannot be judged in the other thread is our failure, and the sender comes again", async () => {
    const host = fakeEngine();
    const at = { ...desk([webhook()], host), judgeAside: () => Promise.reject(new Error("the thread ended")) };
    expect(await receive(at, "price-alert", signed(LARGE), NOW)).toMatchObject({
      kind: "refused",
      code: "NOT_PERSISTED",
      retryAfterS: expect.any(Number),
    });
    expect(host.posted).toEqual([]);
  });
});
