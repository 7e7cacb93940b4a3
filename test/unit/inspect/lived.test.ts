/** Frames of runs that really lived: on the wire, after a restart and once sealed; and what must never stand in one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createBrowserReceiver, createWebSocketReceiver, type StatelyInspectionEvent } from "@statelyai/inspect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { createMachine } from "xstate";
import { openStoreReadOnly } from "../../../src/adapters/store-lmdb.ts";
import { deliveryAddress, type RunId } from "../../../src/core/ids.ts";
import { PROTOCOL } from "../../../src/inspect/frames.ts";
import { live, type LivingDesk } from "../../support/lived-desk.ts";
import { type Frame, framesIn, type InspectDoor, inspectDoor, openViewer } from "./inspect-door.ts";

const CANARY = "canary";
let desk: LivingDesk;
let door: InspectDoor;
let dir: string;
let sealed: RunId;
let held: RunId;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-inspect-"));
  desk = await live(dir);
  const { engine, store } = desk.open;
  door = await inspectDoor({ store, engine, webhooks: ["price-alert", "held", "windowed", "run"] });
  const body = `{"event":"${CANARY}.event","subject":"${CANARY}-subject","note":"${CANARY} note","commit":"${CANARY}c"}`;
  sealed = await desk.send("price-alert", body, `${CANARY}-delivery-id`);
  await desk.quiet();
  await desk.send("price-alert", `{"event":"${CANARY} conflict"}`, `${CANARY}-delivery-id`);
  await desk.quiet();
  held = await desk.send("held", `{"event":"${CANARY}","subject":"${CANARY} held"}`, `${CANARY}-held`);
  await desk.quiet(1);
});
afterAll(async () => {
  await door.close();
  await desk.close();
  rmSync(dir, { recursive: true });
});

const sessionsOf = (frames: readonly Frame[]): readonly string[] => [
  ...new Set(frames.map(({ sessionId }) => sessionId)),
];
const lastOf = (frames: readonly Frame[], session: string): Frame | undefined =>
  frames.findLast(({ sessionId }) => sessionId === session);

test("a sealed run is its actors with their latest snapshots, then its journal from the first row to the last", async () => {
  const { status, text } = await door.inspection(sealed);
  expect(status).toBe(200);
  const frames = framesIn(text);
  const run = deliveryAddress(sealed);
  const firstRow = frames.findIndex(({ type }) => type !== "@xstate.actor");
  const actors = frames.slice(0, firstRow);
  expect(actors[0]).toMatchObject({ sessionId: run, rootId: run, name: "delivery", snapshot: { value: "sealed" } });
  expect(sessionsOf(actors)).toEqual([run, `notice/${sealed}/1`, expect.stringMatching(/^subject\/[0-9a-f]{16}$/)]);
  expect(frames.slice(firstRow).every(({ type }) => type !== "@xstate.actor")).toBe(true);
  const own = frames.slice(firstRow).filter(({ sessionId }) => sessionId === run);
  const rows = own.flatMap((frame) => (frame.type === "@xstate.snapshot" ? [frame.event.seq] : []));
  expect(rows).toEqual(desk.open.store.journal(run).map(({ seq }) => seq));
  expect(own[0]).toMatchObject({ type: "@xstate.event", event: { type: "init", seq: 0 }, id: `${run}#0` });
  expect(lastOf(frames, run)).toMatchObject({ type: "@xstate.snapshot", snapshot: { value: "sealed" } });
  expect(frames.every(({ _version }) => _version === PROTOCOL)).toBe(true);
});

test("the version that frames name is that of the package that they were made for", () => {
  const text = readFileSync("node_modules/@statelyai/inspect/package.json", "utf8");
  expect(text).toContain(`"version": "${PROTOCOL}"`);
});

test("definitions are machines, and every state value is one of theirs", async () => {
  for (const run of [sealed, held]) {
    const frames = framesIn((await door.inspection(run)).text);
    const machines = new Map(
      frames.flatMap((frame) =>
        frame.type === "@xstate.actor" ? [[frame.sessionId, createMachine(JSON.parse(frame.definition))] as const] : [],
      ),
    );
    let resolved = 0;
    for (const frame of frames) {
      if (frame.type === "@xstate.event") continue;
      const machine = machines.get(frame.sessionId);
      expect(machine?.resolveState({ value: asValue(frame.snapshot.value), context: {} }).value).toEqual(
        frame.snapshot.value,
      );
      resolved += 1;
    }
    expect(resolved).toBeGreaterThan(8);
  }
});
const asValue = (value: unknown): string | Record<string, string> => {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) throw new Error("a state value is a name or an object");
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, String(below)]));
};

test("nothing that a sender wrote stands in any frame, with context neither", async () => {
  for (const run of [sealed, held])
    for (const query of ["", "?context=1"]) {
      const { text } = await door.inspection(run, query);
      expect(text.length).toBeGreaterThan(5_000);
      expect(text).not.toContain(CANARY);
    }
  const viewer = await openViewer(door.url, "?context=1");
  await viewer.until((frames) => frames.some(({ sessionId }) => sessionId === deliveryAddress(held)));
  await desk.tell(held, { type: "CANCEL", reason: `${CANARY} of a person` } as { readonly type: string });
  await viewer.until((frames) =>
    frames.some((frame) => frame.type === "@xstate.event" && frame.event.type === "SEALED"),
  );
  expect(JSON.stringify(viewer.frames)).not.toContain(CANARY);
  expect(JSON.stringify(desk.open.store.journal(deliveryAddress(held)))).toContain(`${CANARY} of a person`);
  viewer.socket.close();
});

test("context has counters and outcomes when it is asked for, and nothing when it is not", async () => {
  const contextIn = async (query: string) => {
    const [first] = framesIn((await door.inspection(sealed, query)).text);
    return first?.type === "@xstate.actor" ? first.snapshot.context : undefined;
  };
  expect(await contextIn("")).toEqual({});
  expect(await contextIn("?context=1")).toMatchObject({ outcome: "completed", flagged: 1, parked: false });
});

test("@statelyai/inspect's own WebSocket receiver hears a run, in order", async () => {
  // It knows no subprotocol, and so no token: it listens to a relay that passes on every message as it came.
  const relay = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((resolve) => relay.on("listening", resolve));
  const address = relay.address();
  if (typeof address === "string" || address === null) throw new Error("the relay has a port");
  const connected = new Promise<WebSocket>((resolve) => relay.on("connection", resolve));
  const heard: StatelyInspectionEvent[] = [];
  const expected = framesIn((await door.inspection(sealed)).text);
  const all = new Promise<void>((resolve) => {
    createWebSocketReceiver({ server: `ws://127.0.0.1:${address.port}` }).subscribe((frame) => {
      heard.push(frame);
      if (heard.length === expected.length) resolve();
    });
  });
  const receiver = await connected;
  const viewer = await openViewer(door.url, `?run=${sealed}`, (text) => receiver.send(text));
  await all;
  expect(heard).toEqual(expected);
  viewer.socket.close();
  relay.close();
  receiver.terminate();
});

test("its browser receiver takes every frame", async () => {
  const frames = framesIn((await door.inspection(sealed)).text);
  const page = fakeWindow();
  const heard: unknown[] = [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a window as the receiver looks at
  createBrowserReceiver({ window: page.window as never }).subscribe((frame) => heard.push(frame));
  expect(page.posted).toEqual([{ type: "@statelyai.connected" }]);
  for (const frame of frames) page.say(frame);
  page.say({ type: "@xstate.actor", without: "a version" });
  expect(heard).toEqual(frames);
});

function fakeWindow() {
  const posted: unknown[] = [];
  const listeners: ((event: { readonly data: unknown }) => void)[] = [];
  const window = {
    parent: { postMessage: (message: unknown) => posted.push(message) },
    self: "inner",
    top: "outer",
    addEventListener: (_type: string, call: (event: { readonly data: unknown }) => void) => listeners.push(call),
  };
  return { window, posted, say: (data: unknown) => listeners.forEach((call) => call({ data })) };
}

test("frames of a restored run are those of the living one, to the byte", async () => {
  const before = (await door.inspection(sealed, "?context=1")).text;
  const store = await openStoreReadOnly(`${dir}/.qoc/store`);
  const restored = await inspectDoor({ store, webhooks: ["price-alert"] });
  expect((await restored.inspection(sealed, "?context=1")).text).toBe(before);
  expect((await restored.inspection("@last")).status).toBe(200);
  await restored.close();
  await store.close();
});

test.each(["../../etc/passwd", "<script>alert(1)</script>", "delivery/x", "0".repeat(80), "%00", "a\nb"])(
  "no run is called %j: a refusal that names no file and no frame",
  async (name) => {
    const { status, text } = await door.inspection(name);
    expect([400, 404]).toContain(status);
    expect(JSON.parse(text)).toMatchObject({ schema: "qoc.problem/1", status });
    await expect(openViewer(door.url, `?run=${encodeURIComponent(name)}`)).rejects.toThrow(
      /Unexpected server response: 40[04]/,
    );
  },
);
