import { describe, expect, test } from "vitest";
import type { SignatureFault } from "../../../src/core/refusals.ts";
import { createSignatureHealth } from "../../../src/http/signature-health.ts";
import type { LikelyCause } from "../../../src/ingress/cause.ts";
import { AT } from "./desk-with-runs.ts";

const guess: LikelyCause = { kind: "unsigned", sure: "possible", says: "it has no header", try: "nothing" };
const proof: LikelyCause = { kind: "clock", sure: "proved", says: "it is 400 s ago", try: "set the clock" };
const SECOND = 1000;
const signed = (fault: SignatureFault) => ({ fault, kind: "signed" }) as const;
const knock = { fault: "NO_SIGNATURE", kind: "knock" } as const;

function given(hadRuns: (webhook: string) => boolean = () => false) {
  const clock = { now: AT };
  const health = createSignatureHealth({ now: () => clock.now, hadRuns });
  return { clock, health };
}

describe("a webhook's signatures", () => {
  test("of a webhook that nobody called are all zero", () => {
    expect(given().health.snapshot("alerts")).toEqual({
      verified: 0,
      last_verified_at: null,
      used_to_verify: false,
      failed_since_verified: 0,
      failing_since: null,
      last_failure: null,
      cause: null,
      knocks: { count: 0, last_at: null, cause: null },
    });
  });

  test("keep a stranger's knocks apart, and a signature that holds says nothing of them", () => {
    const { clock, health } = given(() => true);
    health.failed("alerts", knock, () => guess);
    clock.now += SECOND;
    health.failed("alerts", knock, () => guess);
    health.verified("alerts");
    expect(health.snapshot("alerts")).toMatchObject({
      failed_since_verified: 0,
      failing_since: null,
      last_failure: null,
      cause: null,
      knocks: { count: 2, last_at: "2026-07-05T13:45:02.124Z", cause: guess },
    });
  });

  test("count failures since the last that held, from the first of them on", () => {
    const { clock, health } = given();
    health.verified("alerts");
    clock.now += SECOND;
    health.failed("alerts", signed("MISMATCH"), () => guess);
    clock.now += SECOND;
    health.failed("alerts", signed("NO_SIGNATURE"), () => guess);
    expect(health.snapshot("alerts")).toMatchObject({
      verified: 1,
      last_verified_at: "2026-07-05T13:45:01.124Z",
      used_to_verify: true,
      failed_since_verified: 2,
      failing_since: "2026-07-05T13:45:02.124Z",
      last_failure: { at: "2026-07-05T13:45:03.124Z", fault: "NO_SIGNATURE" },
    });
  });

  test("that hold again end the failure and its cause, and keep when it last failed", () => {
    const { clock, health } = given();
    health.failed("alerts", signed("MISMATCH"), () => proof);
    clock.now += SECOND;
    health.verified("alerts");
    expect(health.snapshot("alerts")).toMatchObject({
      failed_since_verified: 0,
      failing_since: null,
      cause: null,
      last_failure: { fault: "MISMATCH" },
    });
  });

  test("are each webhook's own", () => {
    const { health } = given();
    health.failed("alerts", signed("MISMATCH"), () => guess);
    expect(health.snapshot("deploys")).toMatchObject({ failed_since_verified: 0, cause: null });
  });

  test("used to verify when an earlier life of the daemon has runs of this webhook", () => {
    const { health } = given((webhook) => webhook === "alerts");
    health.failed("alerts", signed("MISMATCH"), () => guess);
    health.failed("deploys", signed("MISMATCH"), () => guess);
    expect(["alerts", "deploys"].map((name) => health.snapshot(name).used_to_verify)).toEqual([true, false]);
  });
});

describe("looking into failures", () => {
  test("happens at most once in ten seconds for each webhook", () => {
    const { clock, health } = given();
    let looks = 0;
    const look = (): LikelyCause => {
      looks += 1;
      return guess;
    };
    const told = [health.failed("alerts", signed("MISMATCH"), look), health.failed("alerts", signed("MISMATCH"), look)];
    clock.now += 10 * SECOND - 1;
    told.push(health.failed("alerts", signed("MISMATCH"), look), health.failed("deploys", signed("MISMATCH"), look));
    clock.now += 1;
    told.push(health.failed("alerts", signed("MISMATCH"), look));
    expect([looks, told]).toEqual([3, [guess, null, null, guess, guess]]);
  });

  test.each(["signed", "unsigned", "knock"] as const)("of the kind %s waits for none of another", (kind) => {
    const { health } = given();
    for (const other of ["signed", "unsigned", "knock"] as const)
      if (other !== kind) health.failed("alerts", { fault: "MISMATCH", kind: other }, () => guess);
    expect(health.failed("alerts", { fault: "MISMATCH", kind }, () => proof)).toEqual(proof);
    expect(health.failed("alerts", { fault: "MISMATCH", kind }, () => proof)).toBeNull();
  });

  test("is not held up for ever by a clock that was set back", () => {
    const { clock, health } = given();
    health.failed("alerts", signed("MISMATCH"), () => guess);
    clock.now -= 3600 * SECOND;
    expect(health.failed("alerts", signed("MISMATCH"), () => proof)).toEqual(proof);
  });

  test("keeps a proof over a stranger's guess, and takes a newer proof", () => {
    const { clock, health } = given();
    const causes = [proof, guess, { ...proof, says: "it is 500 s ago" }].map((cause) => {
      clock.now += 10 * SECOND;
      health.failed("alerts", signed("MISMATCH"), () => cause);
      return health.snapshot("alerts").cause?.says;
    });
    expect(causes).toEqual(["it is 400 s ago", "it is 400 s ago", "it is 500 s ago"]);
  });
});
