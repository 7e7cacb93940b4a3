/** The ingress as it is, with what counts and traces behind it: secrets go in by every way that a sender has, and none comes out. */
import { afterEach, expect, test } from "vitest";
import { Secret } from "../../src/config/secrets.ts";
import { createIngressApp } from "../../src/http/ingress-app.ts";
import { INGRESS_LIMITS } from "../../src/http/ingress-limits.ts";
import { createObservers, type Observers } from "../../src/main-observe.ts";
import { desk, NOW, SECRET, signatureOf } from "../support/ingress-desk.ts";
import { collector } from "./observe/otlp-collector.ts";

const CANARY = "c4narY";
const TOKEN = "scraper-4f1c9a2b7e";
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function observing(traces: string | null): Promise<Observers> {
  return createObservers({
    daemon: { metrics_token: new Secret(Buffer.from(TOKEN), "env:T"), traces },
    desks: () => [],
    openStreams: () => 0,
  });
}

function ingressTold(report: Observers["report"]) {
  const one = desk();
  const app = createIngressApp({
    desks: () => new Map([[one.name, one]]),
    gate: () => undefined,
    now: () => NOW,
    report,
    diagnose: () => null,
    limits: INGRESS_LIMITS,
  });
  closers.push(() => app.close());
  const [name] = one.webhooks.keys();
  return { app, url: `/webhook/${one.name}/${name}` };
}

test("a delivery is counted and traced, and neither has a word of its body, headers, path, signature or secret", async () => {
  const at = await collector();
  closers.push(at.close);
  const all = await observing(at.url);
  const { app, url } = ingressTold(all.report);
  const body = JSON.stringify({ event: `${CANARY}-event`, delivery_id: `${CANARY}-id`, user: `${CANARY}-user` });
  const headers = { "x-canary": `${CANARY}-header`, authorization: `Bearer ${CANARY}-token`, cookie: `a=${CANARY}` };
  const signed = { ...headers, "x-qoc-signature": signatureOf(body) };
  const post = (target: string, given: Record<string, string>) =>
    app.inject({ method: "POST", url: target, headers: given, payload: body });
  expect((await post(`${url}?key=${CANARY}`, signed)).statusCode).toBe(202);
  expect((await post(url, signed)).statusCode).toBe(202);
  expect((await post(url, { ...headers, "x-qoc-signature": `sha256=${CANARY}` })).statusCode).toBe(401);
  expect((await post(`/webhook/${CANARY}/${CANARY}`, signed)).statusCode).toBe(404);
  await all.close(5_000);

  const text = await all.text();
  expect(text).toMatch(/qoc_deliveries_total\{[^}]*result="accepted"\} 1\n/);
  expect(text).toMatch(/qoc_deliveries_total\{[^}]*result="duplicate"\} 1\n/);
  expect(text).toMatch(/qoc_refusals_total\{[^}]*code="SIGNATURE_INVALID"\} 1\n/);
  expect(text).toMatch(/qoc_refusals_total\{workspace="",webhook="",code="ROUTE_UNKNOWN"\} 1\n/);
  expect(text).toMatch(/qoc_acknowledge_seconds_count\{[^}]*\} 2\n/);
  expect(text).toContain("qoc_spans_exported_total 2\n");
  expect(at.spans().map(({ name }) => name)).toEqual(["receive", "receive"]);
  for (const leaked of [CANARY, SECRET, TOKEN, signatureOf(body).slice(7)]) {
    expect(text).not.toContain(leaked);
    expect(at.bodies.join("\n")).not.toContain(leaked);
  }
});

test("the scraper's token is the configured one", async () => {
  const all = await observing(null);
  expect([all.isScraper(TOKEN), all.isScraper(`${TOKEN}x`)]).toEqual([true, false]);
  await all.close(0);
});
