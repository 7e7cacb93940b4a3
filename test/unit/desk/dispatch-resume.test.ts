/** Whatever breaks and however often a person resumes: no order is sent twice, and what is said of it is true. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Acknowledgement, Answer, Connector } from "../../../src/orders/connector.ts";
import { type Fate, logMemoryDisk } from "../adapters/log-memory-disk.ts";
import { ledgerOn, paperOn } from "../adapters/paper-support.ts";
import { dispatchGiven, type Told, toldOf } from "./dispatch-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 400 });

/** What happens to one attempt: where it breaks, whether the daemon dies with it, and what stands against the order by then. */
const attempt = fc.record({
  submit: fc.constantFrom("answers", "refuses", "breaks before", "breaks behind", "says unclear"),
  ask: fc.constantFrom("answers", "cannot tell", "breaks"),
  dies: fc.boolean(),
  guard: fc.constantFrom("pass", "pass", "block", "throw"),
  approvers: fc.constantFrom("there", "there", "gone"),
  configured: fc.constantFrom(true, true, false),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

/** A venue that would send an order as often as it is told to, and remembers: nothing in it keeps two sends of one key from happening. */
class Venue {
  readonly sends: string[] = [];
  readonly refusals: string[] = [];

  connectorFor({ submit, ask }: Attempt): Connector {
    return {
      submit: async ({ key }): Promise<Acknowledgement> => {
        if (submit === "breaks before") throw new Error("the line is dead");
        if (submit === "refuses") {
          this.refusals.push(key);
          return { kind: "refused", reason: "no margin" };
        }
        this.sends.push(key);
        if (submit === "breaks behind") throw new Error("the line dropped");
        if (submit === "says unclear") return { kind: "unclear", reason: "the line dropped" };
        return { kind: "accepted", reference: key };
      },
      ask: async (key): Promise<Answer> => {
        if (ask === "breaks") throw new Error("the line is dead");
        if (ask === "cannot tell") return { kind: "cannot_tell", reason: "closed" };
        if (this.sends.includes(key)) return { kind: "accepted", reference: key };
        if (this.refusals.includes(key)) return { kind: "refused", reason: "no margin" };
        return { kind: "not_seen" };
      },
    };
  }
}

const POSSIBLE_SENDS = { executed: [1], failed: [0], blocked: [0], open: [0, 1] } as const;

/** One attempt; null when the daemon died before what came of it was committed. */
async function performed(venue: Venue, each: Attempt, resumed: boolean): Promise<Told | null> {
  const { perform } = dispatchGiven(
    {
      connectors: each.configured ? new Map([["broker", venue.connectorFor(each)]]) : new Map(),
      guard: () => {
        if (each.guard === "throw") throw new Error("no book");
        return each.guard === "pass" ? { kind: "pass" } : { kind: "block", guard: "buying-power", reason: "no cash" };
      },
      ...(each.approvers === "gone" ? { approvers: () => ({ approvers: [], unsettled: null }) } : {}),
    },
    { resumed },
  );
  const told = toldOf(await perform());
  return each.dies ? null : told;
}

describe("an order that is resumed as often as a person likes", () => {
  test("is sent at most once, and settled as what happened", async () => {
    const ends = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 8 }), async (attempts) => {
        const venue = new Venue();
        let told: Told | null = null;
        for (const [i, each] of attempts.entries()) {
          told = await performed(venue, each, i > 0);
          expect(venue.sends.length).toBeLessThanOrEqual(1);
          if (told?.type === "ORDER_SETTLED") break;
        }
        const end = told?.type === "ORDER_SETTLED" ? told.outcome : "open";
        ends.set(end, (ends.get(end) ?? 0) + 1);
        expect(POSSIBLE_SENDS[end]).toContain(venue.sends.length);
      }),
    );
    // The runs above came to every end, or they would show nothing.
    expect([...ends.keys()].toSorted()).toEqual(["blocked", "executed", "failed", "open"]);
  });

  test("through paper is one line of the ledger, wherever the disk or the daemon stops", async () => {
    const cuts = [
      "kill",
      { names: "lost", bytes: 0 },
      { names: "kept", bytes: 0.5 },
      { names: "kept", bytes: 1 },
    ] as const;
    const crash = fc.record({
      at: fc.nat(14),
      fate: fc.constantFrom<Fate>("lost", "kept", "dead"),
      cut: fc.constantFrom(...cuts),
    });
    let settled = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { maxLength: 4 }), async (crashes) => {
        let disk = logMemoryDisk();
        let told: Told | null = null;
        for (const [i, { at, fate, cut }] of crashes.entries()) {
          disk = disk.after("kill", (_, step) => (step === at ? fate : step > at ? "dead" : "done"));
          const connectors = new Map([["broker", paperOn(disk)]]);
          told = toldOf(await dispatchGiven({ connectors }, { resumed: i > 0 }).perform());
          disk = disk.after(cut);
          if (told.type === "ORDER_SETTLED") break;
        }
        if (told?.type === "ORDER_SETTLED") settled += 1;
        else {
          const connectors = new Map([["broker", paperOn(disk)]]);
          told = toldOf(await dispatchGiven({ connectors }, { resumed: crashes.length > 0 }).perform());
        }
        expect(told).toMatchObject({ type: "ORDER_SETTLED", outcome: "executed", reason: null });
        expect(ledgerOn(disk).lines.length).toBe(1);
      }),
    );
    expect(settled).toBeGreaterThan(20);
  });
});
