/** A desk as the ingress sees it, and deliveries signed for it. */
import { createHmac } from "node:crypto";
import type { RawDelivery } from "../../src/core/delivery.ts";
import type { DeskIngress, WebhookRuntime } from "../../src/ingress/desk-ingress.ts";
import { judge } from "../../src/ingress/judge.ts";
import { fakeEngine, type FakeEngine } from "./fake-engine.ts";

export const SECRET = "your-signing-secret";
/** The sample of the documentation page, minified with its numbers as written. */
export const SAMPLE =
  '{"event":"price_alert","symbol":"MSFT","trigger_price":420.00,"current_price":421.35,"direction":"above",' +
  '"alert_name":"MSFT 420 break","timestamp":"2026-07-05T13:45:00Z"}';
export const SAMPLE_SIGNATURE = "5312495b6fc864d86c874aebdbe3024980caaa4bb639d3daabedd7f778e42f3e";
/** 2026-07-05T13:45:01Z */
export const NOW = 1_783_259_101_000;

export const keyOf = (secret: string): Uint8Array => Buffer.from(secret);

export const signatureOf = (body: Uint8Array | string, secret = SECRET): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

export function webhook(settings: Partial<WebhookRuntime> = {}): WebhookRuntime {
  return {
    name: "price-alert",
    sender: { kind: "preset", name: "qoc" },
    secrets: [keyOf(SECRET)],
    body_limit_bytes: 1024,
    public_url: null,
    dedupe: { kind: "body" },
    dedupe_window_ms: null,
    map: { event: "/event" },
    policy: {
      action: "inbox",
      task: null,
      on_stale: "process",
      on_gap: "process",
      on_partial: "process",
      hold_timeout_ms: 1000,
      context_timeout_ms: 1000,
      approval_timeout_ms: 1000,
      attempts_max: 3,
      backoff_ms: 10,
    },
    filter: null,
    ...settings,
  };
}

export function desk(webhooks: readonly WebhookRuntime[] = [webhook()], host: FakeEngine = fakeEngine()): DeskIngress {
  let drawn = 0;
  return {
    name: "equity-desk",
    origin: "localhost/equity-desk",
    producer: { name: "equity-desk", version: "0.1.0", component: "daemon" },
    runner: { os: "linux", arch: "x64", node: "20.19.0" },
    webhooks: new Map(webhooks.map((each) => [each.name, each])),
    engine: host.engine,
    known: host.known,
    entropy: {
      bytes: (count) => {
        drawn += 1;
        return new Uint8Array(count).fill(drawn);
      },
    },
    judgeAside: (...asked) => Promise.resolve(judge(...asked)),
    bornWith: () => ({}),
    queue: { join: () => true, leave: () => undefined },
  };
}

/** A delivery signed for `webhook()`; a header given as undefined is left out. */
export function signed(body: Uint8Array | string, headers: Record<string, string | undefined> = {}): RawDelivery {
  const all = { "content-type": "application/json", "x-qoc-signature": signatureOf(body), ...headers };
  const pairs = Object.entries(all).flatMap(([name, value]): [string, string[]][] =>
    value === undefined ? [] : [[name, [value]]],
  );
  return { target: "/webhook/equity-desk/price-alert", headers: new Map(pairs), body: Buffer.from(body) };
}
