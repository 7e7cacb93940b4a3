import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLateMetrics, type LateMetrics } from "../../../src/observe/late-metrics.ts";
import { createMetrics } from "../../../src/observe/metrics.ts";
import { done, normalized, recorded, SEALED, VERIFIED } from "../../support/delivery-words.ts";
import { livedChanges } from "./lived-changes.ts";

const WORLD = {
  version: "1.2.3",
  desks: () => [{ name: "equity", webhooks: ["risk"], mail_waiting: 3, unfinished: 7 }],
  openStreams: () => 5,
  spans: () => ({ exported: 0, dropped: 0 }),
};
const endpoint = { desk: { name: "equity" }, webhook: { name: "risk" } };
const changes = livedChanges({}, [VERIFIED, normalized(), recorded(), done(), SEALED]);
let late: LateMetrics;
beforeEach(() => {
  late = createLateMetrics(WORLD);
});
afterEach(() => {
  late.close();
  vi.useRealTimers();
});

/** What was counted; what the process itself is like differs from moment to moment. */
async function counted(metrics: Pick<LateMetrics, "text">): Promise<readonly string[]> {
  const text = await metrics.text();
  return text.split("\n").filter((line) => /^qoc_(deliveries|transitions|runs?|effects?|acknowledge)_/.test(line));
}

describe("metrics whose library is loaded late", () => {
  test("count what came before it was there, while it came, and behind it, each once", async () => {
    const whole = createMetrics(WORLD);
    const report = { kind: "accepted", endpoint, accepted: { duplicate: false }, took_ms: 4 } as const;
    for (const metrics of [late, whole]) {
      metrics.report(report);
      for (const change of changes) metrics.change("equity", change);
    }
    const asked = late.text();
    for (const metrics of [late, whole]) for (const change of changes) metrics.change("equity", change);
    await asked;
    for (const metrics of [late, whole]) for (const change of changes) metrics.change("equity", change);
    const lines = await counted(late);
    expect(lines).toContain('qoc_runs_total{workspace="equity",webhook="risk",outcome="completed"} 3');
    expect(lines).toEqual(await counted(whole));
  });

  test("load it by themselves soon, where nobody reads them", async () => {
    vi.useFakeTimers();
    const load = vi.fn(() => import("../../../src/observe/metrics.ts"));
    createLateMetrics(WORLD, load);
    await vi.advanceTimersByTimeAsync(999);
    expect(load).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(load).toHaveBeenCalledOnce();
  });

  test("load it at once and only once when much is waiting, so that what waits is bounded", async () => {
    const load = vi.fn(() => import("../../../src/observe/metrics.ts"));
    const own = createLateMetrics(WORLD, load);
    const refused = { kind: "refused", endpoint, code: "SIGNATURE_INVALID" } as const;
    for (let n = 0; n < 999; n += 1) own.report(refused);
    expect(load).not.toHaveBeenCalled();
    for (let n = 0; n < 2_000; n += 1) own.report(refused);
    expect(load).toHaveBeenCalledOnce();
    expect(await own.text()).toContain(
      'qoc_refusals_total{workspace="equity",webhook="risk",code="SIGNATURE_INVALID"} 2999',
    );
    expect(load).toHaveBeenCalledOnce();
  });

  test("that cannot be loaded end nothing: whoever reads them is told why", async () => {
    const own = createLateMetrics(WORLD, () => Promise.reject(new Error("the library is gone")));
    for (const change of Array.from({ length: 1_500 }, () => changes[0])) if (change) own.change("equity", change);
    await expect(own.text()).rejects.toThrow("the library is gone");
  });
});
