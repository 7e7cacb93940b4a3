/** What comes for a run that a person had erased: it is acknowledged as a repeat, and nothing of it is kept. */
import { describe, expect, test } from "vitest";
import type { WebhookRuntime } from "../../../src/ingress/desk-ingress.ts";
import { receive } from "../../../src/ingress/receive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { desk, NOW, signed, webhook } from "../../support/ingress-desk.ts";

const LARGE = JSON.stringify({ event: "e", filler: "x".repeat(300 * 1024) });

function world(settings: Partial<WebhookRuntime>) {
  const host = fakeEngine();
  const kept: unknown[] = [];
  const engine = { ...host.engine, keep: (artifact: unknown) => Promise.resolve(void kept.push(artifact)) };
  let isErased = false;
  const known = { ...host.known, isErased: () => isErased };
  const at = desk([webhook(settings)], { ...host, engine, known });
  return {
    host,
    kept,
    erase: () => (isErased = true),
    send: (body: string, id: string) => receive(at, "price-alert", signed(body, { "x-qoc-delivery": id }), NOW),
  };
}

const byId = { dedupe: { kind: "id+body" }, body_limit_bytes: 1024 * 1024 } as const;

describe("a delivery for an erased run", () => {
  test.each([
    ["the same one", '{"n":1}', "secret-id"],
    ["other bytes under its id", '{"n":2}', "secret-id"],
    ["its bytes under another id", '{"n":1}', "other-id"],
  ])("that is %s is a duplicate that brings nothing", async (_says, body, id) => {
    const { host, erase, send } = world(byId);
    await send('{"n":1}', "secret-id");
    erase();
    expect(await send(body, id)).toMatchObject({ kind: "accepted", duplicate: true, flag: null });
    const mail = host.posted.at(-1);
    expect(mail).toMatchObject({ birth: null, artifacts: [], index: [] });
    expect(mail?.events).toMatchObject([{ type: "REDELIVERED", delivery_id: "", facts: null, artifacts: [] }]);
    expect(JSON.stringify(mail)).not.toMatch(/secret-id|other-id/);
  });

  test("that is large is not kept ahead of its mail", async () => {
    const { kept, erase, send } = world(byId);
    await send(LARGE, "one");
    expect(kept).toHaveLength(1);
    erase();
    await send(LARGE, "one");
    expect(kept).toHaveLength(1);
  });
});
