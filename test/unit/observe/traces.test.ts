import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { NO_TRACES, openTraces, type Traces } from "../../../src/observe/traces.ts";
import { done, normalized, recorded, RUN, runOf, SEALED, VERIFIED } from "../../support/delivery-words.ts";
import { type Collector, collector } from "./otlp-collector.ts";
import { livedChanges } from "./lived-changes.ts";

const INBOX = [VERIFIED, normalized(), recorded(), done(), SEALED];
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function collecting(answers: number | null = 200): Promise<Collector> {
  const one = await collector(answers);
  closers.push(one.close);
  return one;
}
async function listeningPort(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a listener has a port");
  return address.port;
}
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
const lives = (traces: Traces, run = RUN): void => {
  for (const change of livedChanges({}, INBOX, run)) traces.change("equity", change);
};

describe("without an endpoint", () => {
  test("there are no traces, and everything may be said to them", async () => {
    const traces = await openTraces(null, "1.2.3");
    lives(traces);
    traces.received("equity", "risk", RUN, 5, 1);
    expect(traces).toBe(NO_TRACES);
    expect(traces.counts()).toEqual({ exported: 0, dropped: 0 });
    await traces.close(0);
  });

  test("nothing of OpenTelemetry is loaded: one file imports it, and that one only when it is needed", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => ({ name, source: readFileSync(path.join("src", name), "utf8") }));
    const importing = (what: RegExp): readonly string[] =>
      files.filter(({ source }) => what.test(source)).map(({ name }) => name);
    expect(importing(/from "@opentelemetry\//)).toEqual(["observe/span-exporter.ts"]);
    expect(importing(/import\("@opentelemetry\//)).toEqual([]);
    expect(importing(/from "[^"]*\/span-exporter\.ts"/)).toEqual([]);
    expect(importing(/import\("[^"]*\/span-exporter\.ts"\)/)).toEqual(["observe/traces.ts"]);
  });
});

describe("a collector", () => {
  test("is sent what waits when the daemon stops, as OTLP in JSON", async () => {
    const at = await collecting();
    const traces = await openTraces(at.url, "1.2.3");
    traces.received("equity", "risk", RUN, 1_000, 2.5);
    lives(traces);
    await traces.close(5_000);
    expect(at.headers[0]?.["content-type"]).toBe("application/json");
    expect(at.spans().map(({ name }) => name)).toEqual(["receive", "writeInboxItem", "sealRun", "run"]);
    expect(new Set(at.spans().map(({ traceId }) => traceId))).toEqual(new Set([RUN.replaceAll("-", "")]));
    expect(at.spans()[0]).toMatchObject({ startTimeUnixNano: "997500000", endTimeUnixNano: "1000000000" });
    const root = at.spans().at(-1);
    expect(root?.parentSpanId).toBeUndefined();
    expect(
      at
        .spans()
        .slice(0, -1)
        .map(({ parentSpanId }) => parentSpanId),
    ).toEqual(Array(3).fill(root?.spanId));
    expect(root?.attributes).toContainEqual({ key: "qoc.outcome", value: { stringValue: "completed" } });
    expect(at.batches()[0]?.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: "service.version",
      value: { stringValue: "1.2.3" },
    });
    expect(traces.counts()).toEqual({ exported: 4, dropped: 0 });
  });

  test("that refuses costs the spans and nothing else", async () => {
    const at = await collecting(400);
    const traces = await openTraces(at.url, "1.2.3");
    lives(traces);
    await traces.close(5_000);
    expect(traces.counts()).toEqual({ exported: 0, dropped: 3 });
  });

  test("that is not there costs the spans and nothing else", async () => {
    const at = await collector();
    await at.close();
    const traces = await openTraces(at.url, "1.2.3");
    lives(traces);
    const began = performance.now();
    await traces.close(20_000);
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(traces.counts()).toEqual({ exported: 0, dropped: 3 });
  });

  test("that never answers is waited for no longer than the drain", async () => {
    const at = await collecting(null);
    const traces = await openTraces(at.url, "1.2.3");
    lives(traces);
    const began = performance.now();
    await traces.close(200);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(traces.counts()).toEqual({ exported: 0, dropped: 3 });
    // Nor is it asked once more, as it is within the time-out where a connection broke.
    await new Promise((go) => setTimeout(go, 1_800));
    expect([at.bodies.length, traces.counts()]).toEqual([1, { exported: 0, dropped: 3 }]);
  });

  test("that answers for ever is let go with the end, and nothing is left that would keep the process", async () => {
    let drips = 0;
    const server = createServer((_request, response) => {
      const dripping = setInterval(() => response.write(" "), 20);
      drips += 1;
      response.once("close", () => {
        clearInterval(dripping);
        drips -= 1;
      });
    });
    const port = await listeningPort(server);
    closers.push(() => closed(server));
    const traces = await openTraces(`http://127.0.0.1:${port}/v1/traces`, "1.2.3");
    lives(traces);
    const closing = traces.close(400);
    await expect.poll(() => drips).toBe(1);
    await closing;
    await expect.poll(() => drips).toBe(0);
    expect(traces.counts()).toEqual({ exported: 0, dropped: 3 });
  });

  test("that cannot keep up makes no heap of spans: beyond a bound they are dropped, and counted", async () => {
    const at = await collecting(null);
    const traces = await openTraces(at.url, "1.2.3");
    for (let n = 1; n <= 4_000; n += 1) lives(traces, runOf(n));
    expect(traces.counts().dropped).toBe(4_000 * 3 - 8_192);
    await traces.close(0);
    expect(traces.counts()).toEqual({ exported: 0, dropped: 12_000 });
  });

  test("is given nothing behind the end", async () => {
    const at = await collecting();
    const traces = await openTraces(at.url, "1.2.3");
    await traces.close(1_000);
    lives(traces);
    expect(at.bodies).toEqual([]);
    expect(traces.counts()).toEqual({ exported: 0, dropped: 3 });
  });
});
