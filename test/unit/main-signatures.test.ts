/** From a request that failed to what a person is told of it: who knocks is no alarm, and a sender that fails is one. */
import { describe, expect, test } from "vitest";
import { failingLine, signatureChecks } from "../../src/cli/signature-checks.ts";
import type { RawDelivery } from "../../src/core/delivery.ts";
import type { SignatureFault } from "../../src/core/refusals.ts";
import { createSignatureHealth } from "../../src/http/signature-health.ts";
import { diagnoseSignature } from "../../src/main-signatures.ts";
import { desk, webhook as runtime } from "../support/ingress-desk.ts";
import { AT } from "./http/desk-with-runs.ts";
import { bytes, rawOf, sent, webhook } from "./ingress/failed-delivery.ts";

const EVERY_MS = 10_000;
type Failed = readonly [raw: RawDelivery, fault: SignatureFault];
const scanner: Failed = [rawOf({ "user-agent": "zgrab/0.x", "x-request-id": "1" }, bytes("")), "NO_SIGNATURE"];
const squeezed: Failed = [rawOf({ "content-encoding": "gzip" }, bytes("")), "REENCODED"];
const unsigned: Failed = [rawOf({ "x-github-event": "push", "x-github-delivery": "d-1" }, bytes("{}")), "NO_SIGNATURE"];
const wrong: Failed = [sent({ provider: "github", secret: bytes("another") }), "MISMATCH"];

/** What is told after these requests came to a webhook of GitHub, and what each was found to be when it was looked into. */
function after(failed: readonly Failed[], { hadRuns = true, everyMs = EVERY_MS } = {}) {
  let now = AT;
  const health = createSignatureHealth({ now: () => now, hadRuns: () => hadRuns });
  const alerts = runtime(webhook("github"));
  const endpoint = { desk: desk([alerts]), webhook: alerts };
  const causes = failed.map(([raw, fault]) => {
    now += everyMs;
    return diagnoseSignature(health, endpoint, raw, fault);
  });
  const signatures = health.snapshot("alerts");
  const workspace = {
    name: "equity-desk",
    dir: "/desk",
    webhooks: [{ name: "alerts", action: "inbox", url: null, secrets: 1, signatures }],
    runs: { unfinished: 0, parked: 0, stuck: 0, needs_me: 0 },
    mail_waiting: 0,
    failed_signatures: failed.length,
  };
  return { causes, signatures, checks: signatureChecks(workspace), line: failingLine(workspace) };
}

describe("of a webhook that has runs", () => {
  test.each([
    ["an unsigned request without a mark of the sender", [scanner]],
    ["a compressed one", [squeezed]],
    ["a scanner that comes back every ten seconds", Array.from({ length: 50 }, () => scanner)],
  ])("%s is no alarm, and is counted apart", (_what, failed) => {
    const { checks, line, signatures } = after(failed);
    expect(signatures).toMatchObject({ failed_since_verified: 0, failing_since: null, cause: null });
    expect(signatures.knocks.count).toBe(failed.length);
    expect([checks.map(({ verdict }) => verdict), line]).toEqual([["ok"], undefined]);
    expect(checks[0]?.says).toMatch(new RegExp(`^alerts: ${failed.length} unsigned requests? without a mark of`));
  });

  test("a request with the sender's marks and no signature is a loss: a proxy drops it, or the secret was taken out", () => {
    const { checks, line } = after([unsigned]);
    expect(checks).toMatchObject([
      { verdict: "warning", says: expect.stringContaining("used to verify and fails now") },
    ]);
    expect(checks[0]?.says).toContain("a proxy drops the header");
    expect(line).toContain("alerts 1 time");
  });

  test("a wrong signature is a loss", () => {
    expect(after([wrong]).checks).toMatchObject([{ verdict: "warning" }]);
  });
});

describe("of a webhook that never verified", () => {
  test("the sender's unsigned deliveries are a loss too", () => {
    const { checks } = after([unsigned], { hadRuns: false });
    expect(checks).toMatchObject([
      { verdict: "warning", says: expect.stringContaining("alerts never verified: 1 failure") },
    ]);
  });

  test("knocks say what one of them was: it may be a first try of one's own", () => {
    const { checks } = after([scanner], { hadRuns: false });
    expect(checks).toMatchObject([{ verdict: "ok", says: expect.stringContaining("has no x-hub-signature-256") }]);
  });
});

describe("looking into failures", () => {
  test("a scanner does not take the place of the sender's, signed or not", () => {
    const { causes, signatures } = after([scanner, unsigned, wrong, scanner, unsigned, wrong], { everyMs: 1 });
    expect(causes.map((cause) => cause !== null)).toEqual([true, true, true, false, false, false]);
    expect(signatures).toMatchObject({ failed_since_verified: 4, knocks: { count: 2 } });
  });

  test("what a stranger's request was is never told as why the sender fails", () => {
    const { signatures, checks } = after([unsigned, scanner, scanner]);
    expect(signatures.cause).toMatchObject({ kind: "unsigned", sure: "likely" });
    expect(signatures.knocks.cause).toMatchObject({ kind: "unsigned", sure: "possible" });
    expect(checks.map(({ verdict }) => verdict)).toEqual(["warning", "ok"]);
  });
});
