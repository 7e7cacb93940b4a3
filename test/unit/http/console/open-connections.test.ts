import { EventEmitter } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sha256Of } from "../../../../src/core/ids.ts";
import { createOpenConnections } from "../../../../src/http/console/open-connections.ts";

const [ONE, OTHER] = [sha256Of("1".repeat(64)), sha256Of("2".repeat(64))];

class Fake extends EventEmitter {
  isCut = false;
  destroy(): void {
    this.isCut = true;
    this.emit("close");
  }
}

const given = (live: ReadonlySet<string> = new Set([ONE, OTHER])) => {
  const asked: string[] = [];
  const open = createOpenConnections((hash) => {
    asked.push(hash);
    return live.has(hash);
  });
  const held = (hash: typeof ONE): Fake => {
    const connection = new Fake();
    open.hold(hash, connection);
    return connection;
  };
  return { open, held, asked };
};
const cutOf = (all: readonly Fake[]): readonly boolean[] => all.map(({ isCut }) => isCut);

afterEach(() => {
  vi.useRealTimers();
});

describe("a logout", () => {
  test("cuts all that is open under its token, but for its own answer, and nothing of another", () => {
    const { open, held } = given();
    const all = [held(ONE), held(ONE), held(OTHER)];
    const own = held(ONE);
    open.cut(ONE, own);
    expect(cutOf([...all, own])).toEqual([true, true, false, false]);
  });
});

describe("a look at what is open", () => {
  test("cuts what is open under tokens that have ended", () => {
    const { open, held } = given(new Set([OTHER]));
    const all = [held(ONE), held(ONE), held(OTHER)];
    open.look();
    expect(cutOf(all)).toEqual([true, true, false]);
  });

  test("asks once for each token, which counts as its use, and not for what has closed", () => {
    const { open, held, asked } = given();
    held(ONE);
    held(ONE);
    held(OTHER).emit("close");
    open.look();
    expect(asked).toEqual([ONE]);
  });
});

test("closing gives WebSockets a moment, and cuts those that did not take it", () => {
  vi.useFakeTimers();
  const { open } = given();
  const [polite, rude] = [new Fake(), new Fake()];
  open.holdUpgraded(polite);
  open.holdUpgraded(rude);
  open.close(500);
  polite.emit("close");
  vi.advanceTimersByTime(499);
  expect(cutOf([polite, rude])).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect(cutOf([polite, rude])).toEqual([false, true]);
});
