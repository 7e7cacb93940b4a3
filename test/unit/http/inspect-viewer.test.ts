/** A viewer that comes at any time, and reads at any pace, sees each actor, then each of its rows once and in order. */
import { setImmediate as turn } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Address, addressOf, deliveryAddress, noticeAddress, orderAddress } from "../../../src/core/ids.ts";
import type { ActorRecord, Change, Entry } from "../../../src/engine/ports.ts";
import type { ChangeListener } from "../../../src/http/control-target.ts";
import { createInspectHub } from "../../../src/http/inspect-hub.ts";
import { serveViewer, WAITING_MAX } from "../../../src/http/inspect-viewer.ts";
import { actorsOf, runHistory, wantsOf } from "../../../src/http/inspect-world.ts";
import { aRun, runNumber, storeOf } from "./desk-with-runs.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const RUN = runNumber(1);
const DELIVERY = deliveryAddress(RUN);
const ADDRESSES = [
  DELIVERY,
  orderAddress(RUN, 1),
  noticeAddress(RUN, 1),
  addressOf(`delivery/${runNumber(2)}`),
] as const;
const options = { definition: () => undefined, context: false };

/** Commits become visible when they are made and are announced later, in their order: as it is behind a store's flush. */
function aDesk() {
  const actors = new Map<Address, { readonly record: ActorRecord; readonly journal: readonly Entry[] }>();
  const unannounced: Change[] = [];
  const listeners = new Set<ChangeListener>();
  const commit = (address: Address, rows: number): void => {
    const known = actors.get(address);
    const blank = aRun({ run: RUN, state: "held" }).record;
    const first = known?.journal.length ?? 0;
    const entries = Array.from({ length: rows }, (_, i): Entry => ({
      seq: first + i,
      at: 1000 + ((first + i) % 3),
      event: first + i === 0 ? "init" : "TOLD",
      by: "daemon",
      from: first + i === 0 ? null : "held",
      to: "held",
      guard: null,
      observations: [],
      effects: [],
      data: {},
    }));
    const record = { ...blank, address, machine: address.split("/")[0] ?? "", sequence: first + rows };
    actors.set(address, { record, journal: [...(known?.journal ?? []), ...entries] });
    unannounced.push({ record, before: known?.record ?? null, entries, artifacts: [], index: [] });
  };
  return {
    commit,
    announce: (): void => {
      const change = unannounced.shift();
      if (change !== undefined) for (const listener of listeners) listener("desk", change);
    },
    store: {
      ...storeOf([]),
      read: (address: Address) => actors.get(address)?.record,
      journal: (address: Address) => actors.get(address)?.journal ?? [],
    },
    listen: (listener: ChangeListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function aSocket() {
  const sent: { readonly type: string; readonly sessionId: string; readonly id: string }[] = [];
  const closes: number[] = [];
  const flushed: (() => void)[] = [];
  const socket = {
    OPEN: 1 as const,
    readyState: 1 as 0 | 1 | 2 | 3,
    bufferedAmount: 0,
    send: (text: string, call?: () => void): void => {
      sent.push(JSON.parse(text));
      if (call !== undefined) flushed.push(call);
    },
    close: (code: number): void => void closes.push(code),
    terminate: (): void => {
      socket.readyState = 3;
    },
    once: (): void => undefined,
  };
  return {
    socket,
    sent,
    closes,
    stall: (): void => {
      socket.bufferedAmount = 10 ** 9;
    },
    flow: (): void => {
      socket.bufferedAmount = 0;
      for (const call of flushed.splice(0)) call();
    },
  };
}

const anAct = fc.oneof(
  fc.record({
    kind: fc.constant("commit" as const),
    of: fc.nat(ADDRESSES.length - 1),
    rows: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ kind: fc.constantFrom("announce" as const, "turn" as const, "stall" as const, "flow" as const) }),
);

describe("whatever the order of commits, their announcements and the reader's pace", () => {
  test("registration comes first, then every row of the run once and in its order, and nothing of another run", async () => {
    const comes = fc.nat(20);
    const reads = fc.nat(10);
    await fc.assert(
      fc.asyncProperty(fc.array(anAct, { maxLength: 40 }), comes, reads, async (acts, comesAt, readsAfter) => {
        const desk = aDesk();
        desk.commit(DELIVERY, 1);
        const hub = createInspectHub(desk, options);
        const { socket, sent, stall, flow } = aSocket();
        let served: Promise<void> | undefined;
        const come = (): void => {
          const wants = wantsOf(desk.store.read(DELIVERY) ?? aRun().record, desk.store.journal(DELIVERY));
          const history = async () => {
            for (let n = 0; n < readsAfter; n += 1) await turn();
            return runHistory(actorsOf(desk.store, DELIVERY), options);
          };
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a socket as a viewer touches
          served = serveViewer(socket as never, hub, { context: false, wants, history });
        };
        for (const [i, act] of acts.entries()) {
          if (i === comesAt) come();
          if (act.kind === "commit") desk.commit(ADDRESSES[act.of] ?? DELIVERY, act.rows);
          else if (act.kind === "announce") desk.announce();
          else if (act.kind === "stall") stall();
          else if (act.kind === "flow") flow();
          else await turn();
        }
        if (served === undefined) come();
        await served;
        for (let n = 0; n < 60; n += 1) {
          desk.announce();
          flow();
          await turn();
        }
        for (const address of ADDRESSES) {
          const own = sent.filter(({ sessionId }) => sessionId === address);
          const rows = desk.store.journal(address).map(({ seq }) => `${address}#${seq}`);
          const isOfTheRun = address.includes(RUN);
          const seen = own.filter(({ type }) => type === "@xstate.snapshot").map(({ id }) => id);
          expect(seen).toEqual(isOfTheRun ? rows : []);
          const actors = own.filter(({ type }) => type === "@xstate.actor");
          expect(actors.length).toBe(isOfTheRun && rows.length > 0 ? 1 : 0);
          expect(own[0]).toBe(actors[0]);
        }
      }),
    );
  });
});

test("a reader that takes nothing is cut off once too much waits, and nothing more is kept for it", async () => {
  const desk = aDesk();
  desk.commit(DELIVERY, 1);
  const hub = createInspectHub(desk, options);
  const { socket, closes, stall } = aSocket();
  stall();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a socket as a viewer touches
  await serveViewer(socket as never, hub, {
    context: false,
    wants: () => true,
    history: () => Promise.resolve(runHistory(actorsOf(desk.store, DELIVERY), options)),
  });
  for (let n = 0; n <= WAITING_MAX / 1000 && closes.length === 0; n += 1) {
    desk.commit(DELIVERY, 1000);
    desk.announce();
    desk.announce();
  }
  expect(closes).toEqual([1013]);
  expect(socket.readyState).toBe(3);
});

test("frames are made once for all viewers, and not at all while nobody looks", async () => {
  const desk = aDesk();
  let made = 0;
  const hub = createInspectHub(desk, {
    definition: () => {
      made += 1;
      return "{}";
    },
  });
  desk.commit(DELIVERY, 1);
  desk.announce();
  expect(made).toBe(0);
  const sockets = [aSocket(), aSocket(), aSocket()];
  for (const { socket } of sockets) {
    const history = () => Promise.resolve(runHistory([], options));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a socket as a viewer touches
    await serveViewer(socket as never, hub, { context: false, wants: () => true, history });
  }
  desk.commit(DELIVERY, 2);
  desk.announce();
  expect(sockets.map(({ sent }) => sent.length)).toEqual([5, 5, 5]);
  expect(made).toBe(1);
});
