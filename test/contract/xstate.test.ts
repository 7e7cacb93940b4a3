/** What `engine/xstate-words.ts` relies on and XState does not promise. XState is pinned: whoever moves the pin reads what fails here. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { assign, emit, raise, setup, type AnyActorScope } from "xstate";

type Action = { readonly type: string; readonly params: unknown };
type Inspected = {
  readonly type: string;
  readonly event: { readonly type: string };
  readonly snapshot: { readonly value: unknown };
  readonly _transitions: readonly {
    readonly eventType: string;
    readonly guard: unknown;
    readonly source: { readonly id: string };
  }[];
};
type Seen =
  | { readonly kind: "action"; readonly action: Action }
  | { readonly kind: "microstep"; readonly inspected: Inspected };

let executed = 0;
const effect: (at: unknown, params: { readonly n: number }) => void = () => {
  executed += 1;
};
const machine = setup({
  guards: {
    yes: () => true,
    broken: () => {
      throw new Error("broken");
    },
  },
  delays: { patience: 5_000 },
  actions: {
    observe: emit({ type: "observation" }),
    count: assign(() => ({ count: 1 })),
    effect,
  },
}).createMachine({
  id: "m",
  options: { maxIterations: 8 },
  context: {},
  initial: "a",
  states: {
    a: {
      entry: "observe",
      on: {
        GO: { guard: "yes", target: "b", actions: ["count", "observe", { type: "effect", params: { n: 1 } }] },
        RAISE: { actions: raise({ type: "GO" }) },
        BREAK: { guard: "broken" },
        SPIN: "spin",
      },
    },
    b: { always: { target: "c.deep" } },
    c: {
      initial: "deep",
      after: { patience: "a" },
      states: { deep: {} },
    },
    spin: { always: "spun" },
    spun: { always: "spin" },
  },
});

const nothing = (): void => undefined;

/** As small as the one in `xstate-words.ts`. */
function scopeOf(seen: Seen[]): AnyActorScope {
  const scope = {
    self: undefined,
    id: "",
    sessionId: "",
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: (action: Action) => seen.push({ kind: "action", action }),
    system: { _sendInspectionEvent: (inspected: Inspected) => seen.push({ kind: "microstep", inspected }) },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return scope as unknown as AnyActorScope;
}

const born = () => machine.getInitialSnapshot(scopeOf([]), undefined);
function told(...types: readonly ("GO" | "RAISE" | "BREAK" | "SPIN" | "UNKNOWN" | "xstate.after.patience.m.c")[]) {
  const seen: Seen[] = [];
  let snapshot = born();
  for (const type of types) {
    seen.length = 0;
    snapshot = machine.transition(snapshot, { type }, scopeOf(seen));
  }
  const actions = seen.flatMap((one) => (one.kind === "action" ? [one.action] : []));
  const microsteps = seen.flatMap((one) => (one.kind === "microstep" ? [one.inspected] : []));
  return { snapshot, seen, actions, microsteps };
}

test("the version is the one that this was read in", () => {
  const { dependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const { version } = JSON.parse(
    readFileSync(new URL("../../node_modules/xstate/package.json", import.meta.url), "utf8"),
  );
  expect([dependencies.xstate, version]).toEqual(["5.33.3", "5.33.3"]);
});

describe("a scope of our own", () => {
  test("is enough for a birth and a transition", () => {
    expect(told("GO").snapshot.value).toEqual({ c: "deep" });
  });

  test("is given actions and nothing runs them", () => {
    told("GO");
    expect(executed).toBe(0);
  });

  test("is given a birth's actions, but no microstep for it", () => {
    const seen: Seen[] = [];
    machine.getInitialSnapshot(scopeOf(seen), undefined);
    expect(seen.map(({ kind }) => kind)).toEqual(["action"]);
  });
});

describe("the inspection event `@xstate.microstep`", () => {
  test("comes once a microstep, behind its actions", () => {
    expect(told("GO").seen.map(({ kind }) => kind)).toEqual(["action", "action", "microstep", "action", "microstep"]);
  });

  test("names event, guard and source of the transition, with the empty event for an eventless one", () => {
    const named = told("GO").microsteps.map(({ type, snapshot, _transitions: [taken] }) => [
      type,
      taken?.eventType,
      taken?.guard,
      taken?.source.id,
      snapshot.value,
    ]);
    expect(named).toEqual([
      ["@xstate.microstep", "GO", "yes", "m.a", "b"],
      ["@xstate.microstep", "", undefined, "m.b", { c: "deep" }],
    ]);
  });

  test("has no transition when the event was not taken", () => {
    const { microsteps } = told("UNKNOWN");
    expect(microsteps.map((one) => [one.event.type, one["_transitions"]])).toEqual([["UNKNOWN", []]]);
  });
});

describe("the words of built-in actions", () => {
  test("an emit holds its event, a custom action its params, an assign is not told", () => {
    const { actions } = told("GO");
    expect(actions.slice(0, 2)).toMatchObject([
      { type: "xstate.emit", params: { event: { type: "observation" } } },
      { type: "effect", params: { n: 1 } },
    ]);
  });

  test("a delayed transition is a raise with a delay, under its event's name", () => {
    const name = "xstate.after.patience.m.c";
    expect(told("GO").actions.at(-1)).toMatchObject({
      type: "xstate.raise",
      params: { id: name, delay: 5_000, event: { type: name } },
    });
  });

  test("leaving the state cancels it by that name", () => {
    expect(told("GO", "xstate.after.patience.m.c").actions[0]).toMatchObject({
      type: "xstate.cancel",
      params: { sendId: "xstate.after.patience.m.c" },
    });
  });

  test("a raise without a delay says so, and is applied in the same macrostep", () => {
    const { actions, snapshot } = told("RAISE");
    expect(actions[0]).toMatchObject({ type: "xstate.raise", params: { delay: undefined } });
    expect(snapshot.value).toEqual({ c: "deep" });
  });
});

describe("faults", () => {
  test("a guard that throws is thrown by `transition`", () => {
    expect(() => told("BREAK")).toThrow("broken");
  });

  test("`maxIterations` ends a loop", () => {
    expect(() => told("SPIN")).toThrow("Infinite loop");
  });

  test("a birth that throws is a snapshot with the error", () => {
    const stillborn = setup({}).createMachine({
      context: () => {
        throw new Error("broken");
      },
    });
    expect(stillborn.getInitialSnapshot(scopeOf([]), undefined)).toMatchObject({
      status: "error",
      error: new Error("broken"),
    });
  });
});

test("`restoreSnapshot` takes status, value and context as JSON, with the rest made up", () => {
  const { status, value, context } = told("GO").snapshot;
  const stored = JSON.parse(JSON.stringify({ status, value, context }));
  const whole = { ...stored, historyValue: {}, children: {}, output: undefined, error: undefined };
  const restored = machine.restoreSnapshot(whole, scopeOf([]));
  const next = machine.transition(restored, { type: "xstate.after.patience.m.c" }, scopeOf([]));
  expect(next).toMatchObject({ value: "a", context: { count: 1 } });
});

test("`config` is the literal as it was written", () => {
  expect(machine.config.states?.["c"]).toEqual({ initial: "deep", after: { patience: "a" }, states: { deep: {} } });
});
