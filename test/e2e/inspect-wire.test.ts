/**
 * The inspector's frames as a daemon gives them: of a run that waits, of one whose daemon was killed, of one that is sealed. The receivers of
 * `@statelyai/inspect` take them, and nothing that anybody else wrote is in them.
 */
import { readFileSync } from "node:fs";
import { createWebSocketReceiver, type StatelyInspectionEvent } from "@statelyai/inspect";
import { beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createMachine } from "xstate";
import { z } from "zod";
import { ask } from "../support/control.ts";
import { kill, qoc, stop, within } from "../support/daemon.ts";
import { deskFolder, webhookToml, writeToml } from "../support/desk-folder.ts";
import { consoleOf, type OpenConsole, tokenOf } from "../support/open-console.ts";
import { post } from "../support/sender.ts";
import { type Frame, framesIn } from "../unit/inspect/inspect-door.ts";

const canary = (what: string): string => `canary-${what}-9c41`;
const DESK = "inspected";
const TOML = [
  webhookToml("price-alert"),
  webhookToml("held", 'on_partial = "wait"', "[webhook.map]", 'subject = "/subject"'),
].join("\n");
const dir = deskFolder(DESK, {
  toml: TOML,
});
let opened: OpenConsole;
let token: string;

const send = async (webhook: string, id: string): Promise<string> => {
  const body = JSON.stringify({
    event: canary("event"),
    subject: canary("subject"),
    note: canary("body"),
    [canary("key")]: id,
  });
  const delivery = { webhook, delivery_id: `${canary("delivery")}-${id}`, body };
  const headers = { "x-canary": canary("header"), "user-agent": canary("agent") };
  return String((await post(opened.daemon.ingress, DESK, delivery, headers)).body["run"]);
};
async function inspection(run: string, query = ""): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${opened.url}/api/runs/${run}/inspection${query}`, { headers });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
  return answer.text();
}

/** What the package's own receiver makes of what the daemon sends. It knows no token: a relay stands between, and passes texts on. */
async function received(
  query: string,
  run: string,
  state: string,
  meanwhile = async (): Promise<unknown> => undefined,
) {
  const relay = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((listening) => relay.on("listening", listening));
  const address = relay.address();
  if (typeof address === "string" || address === null) throw new Error("the relay has a port");
  const connected = new Promise<WebSocket>((resolve) => relay.on("connection", resolve));
  const heard: StatelyInspectionEvent[] = [];
  const texts: string[] = [];
  const done = new Promise<void>((resolve) => {
    createWebSocketReceiver({ server: `ws://127.0.0.1:${address.port}` }).subscribe((frame) => {
      heard.push(frame);
      if (heard.length === texts.length && reaches(framesIn(texts.join("\n")), run, state)) resolve();
    });
  });
  const receiver = await connected;
  const source = new WebSocket(`${opened.url.replace("http", "ws")}/inspect/ws${query}`, [
    "qoc.inspect.v1",
    `bearer.${token}`,
  ]);
  source.on("message", (data) => {
    texts.push(Buffer.isBuffer(data) ? data.toString() : "");
    receiver.send(texts.at(-1) ?? "");
  });
  await new Promise((resolve) => source.on("open", resolve));
  await meanwhile();
  await within(done, () => `was watched, and ${heard.length} of ${texts.length} frames were heard, and never ${state}`);
  source.terminate();
  receiver.terminate();
  relay.close();
  return { heard, frames: framesIn(texts.join("\n")), text: texts.join("\n") };
}

const reaches = (frames: readonly Frame[], run: string, state: string): boolean =>
  frames.some(
    (frame) =>
      frame.type === "@xstate.snapshot" &&
      frame.sessionId === `delivery/${run}` &&
      JSON.stringify(frame.snapshot.value) === state,
  );
const SEALED = '"sealed"';
const HELD = '{"held":"for-context"}';
const holds = (run: string, state: string): Promise<void> =>
  expect.poll(async () => (await inspection(run)).includes(`"value":${state}`), { timeout: 10_000 }).toBe(true);
const rowsOf = (frames: readonly Frame[], run: string): readonly number[] =>
  frames.flatMap((frame) =>
    frame.type === "@xstate.snapshot" && frame.sessionId === `delivery/${run}` ? [frame.event.seq] : [],
  );
const Shown = z.object({ journal: z.array(z.object({ seq: z.number() })) });
const journalOf = async (run: string): Promise<readonly number[]> =>
  Shown.parse(await ask(dir, `/api/runs/${run}`)).journal.map(({ seq }) => seq);
const cancel = (run: string): Promise<unknown> => ask(dir, `/api/runs/${run}/cancel`, { reason: canary("reason") });

/** The receivers' own reading, our ids, whole machines, and nothing of anybody else's. */
function wellFormed(frames: readonly Frame[], heard: readonly unknown[], text: string): void {
  expect(heard).toEqual(frames);
  for (const frame of frames) {
    expect(frame.sessionId).toMatch(/^(delivery|notice)\/[0-9a-f-]{36}(\/\d+)?$|^subject\/[0-9a-f]{16}$/);
    expect(frame.rootId).toBe(frame.sessionId);
  }
  const machines = frames.flatMap((frame) => (frame.type === "@xstate.actor" ? [JSON.parse(frame.definition)] : []));
  expect(machines.length).toBeGreaterThan(0);
  for (const machine of machines) expect(createMachine(machine).states).not.toEqual({});
  expect(text).not.toContain("canary");
}

beforeAll(async () => {
  opened = await consoleOf(dir);
  token = await tokenOf(dir, opened.port);
}, 60_000);

test.each(["", "&context=1"])(
  "of a run that moves while it is watched: every row once and in order (%j)",
  async (query) => {
    const run = await send("held", `live${query}`);
    await holds(run, HELD);
    const { heard, frames, text } = await received(`?run=${run}${query}`, run, SEALED, () => cancel(run));
    wellFormed(frames, heard, text);
    expect(rowsOf(frames, run)).toEqual(await journalOf(run));
    expect(frames[0]).toMatchObject({ type: "@xstate.actor", sessionId: `delivery/${run}` });
  },
);

test("of all runs at once: one that begins while it is watched is registered before its first row", async () => {
  let run = "";
  const first = await send("price-alert", "all-0");
  await holds(first, SEALED);
  const watched = await received(`?run=${first}`, first, SEALED);
  expect(rowsOf(watched.frames, first)).toEqual(await journalOf(first));
  const held = await send("held", "all-1");
  await holds(held, HELD);
  const { heard, frames, text } = await received("?context=1", held, SEALED, async () => {
    run = await send("price-alert", "all-2");
    await expect.poll(async () => (await journalOf(run)).length, { timeout: 10_000 }).toBeGreaterThan(3);
    await cancel(held);
  });
  wellFormed(frames, heard, text);
  for (const session of new Set(frames.map(({ sessionId }) => sessionId)))
    expect(frames.find(({ sessionId }) => sessionId === session)?.type).toBe("@xstate.actor");
  expect(frames.some(({ sessionId }) => sessionId === `delivery/${run}`)).toBe(true);
});

test("of runs whose daemon was killed: those from before to the byte, and then it goes on", async () => {
  const sealed = await send("price-alert", "killed-sealed");
  const held = await send("held", "killed-held");
  await holds(held, HELD);
  await holds(sealed, SEALED);
  await expect.poll(async () => (await inspection(sealed)) === (await inspection(sealed))).toBe(true);
  const before = [await inspection(sealed), await inspection(held), await inspection(sealed, "?context=1")];
  const { port } = opened;
  await kill(opened.daemon);
  opened = await consoleOf(dir, port);
  expect([await inspection(sealed), await inspection(held), await inspection(sealed, "?context=1")]).toEqual(before);
  const { heard, frames, text } = await received(`?run=${held}`, held, SEALED, () => cancel(held));
  wellFormed(frames, heard, text);
  expect(rowsOf(frames, held)).toEqual(await journalOf(held));
  for (const each of before) expect(each).not.toContain("canary");
});

test("`qoc inspect --save` writes what the console gives and no more", async () => {
  const run = await send("price-alert", "saved");
  await holds(run, SEALED);
  await new Promise((settled) => setTimeout(settled, 300));
  const file = `${dir}/saved.ndjson`;
  const { code, stderr } = await qoc({ cwd: dir }, "inspect", run, "--save", file);
  expect([code, stderr.includes("canary")]).toEqual([0, false]);
  expect(readFileSync(file, "utf8")).toBe(await inspection(run));
});

test("the bridge is not there when the configuration does not say so", async () => {
  const answer = await fetch(`${opened.url}/inspect/stately`);
  expect([answer.status, answer.headers.get("content-security-policy")?.includes("stately")]).toEqual([404, false]);
  writeToml(dir, DESK, `${TOML}\n[inspect]\nstately = true\n`);
  await stop(opened.daemon);
  opened = await consoleOf(dir, opened.port);
  const allowed = await fetch(`${opened.url}/inspect/stately?run=x`);
  expect([allowed.status, allowed.headers.get("content-security-policy")]).toEqual([
    200,
    expect.stringMatching(/default-src 'none'; .*frame-ancestors 'none'; frame-src https:\/\/stately\.ai$/),
  ]);
});
