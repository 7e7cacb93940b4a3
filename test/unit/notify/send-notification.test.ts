import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { placeWhole } from "../../../src/adapters/durable-file.ts";
import { createNotifyPoster } from "../../../src/adapters/notify-http.ts";
import { Secret } from "../../../src/config/secrets.ts";
import type { SignedMessage } from "../../../src/notify/message.ts";
import type { PostMessage } from "../../../src/notify/post.ts";
import { erase, erased, executing, SEALED, done, RUN } from "../../support/delivery-words.ts";
import { tell } from "../../support/machine-given.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { rest } from "../engine/toy-desk.ts";
import {
  addressFor,
  answering,
  askedWith,
  notifyDesk,
  PAYLOAD_CANARY,
  targetWith,
  untilRest,
  WHSEC,
} from "./notify-desk.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const asked = askedWith();
const address = addressFor(asked);

/** Keeps what was posted. */
function keeping(post: PostMessage) {
  const sent: (SignedMessage & { readonly url: string })[] = [];
  const kept: PostMessage = (target, message) => {
    sent.push({ ...message, url: target.url });
    return post(target, message);
  };
  return { sent, post: kept };
}
const textOf = ({ body }: SignedMessage): string => Buffer.from(body).toString();

async function receiver(answers: readonly number[]) {
  const heard: { readonly headers: Record<string, string>; readonly body: string; readonly line: string }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      heard.push({ headers, body: Buffer.concat(chunks).toString(), line: `${request.method} ${request.url}` });
      response.writeHead(answers[heard.length - 1] ?? 200).end();
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const place = server.address();
  return { heard, url: `http://127.0.0.1:${typeof place === "object" && place !== null ? place.port : 0}/hook` };
}
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}

describe("a notification", () => {
  test("reaches a receiver of Standard Webhooks, again under its id when the first try fails", async () => {
    const { heard, url } = await receiver([500, 200]);
    const { post, close } = createNotifyPoster();
    closers.push(close);
    const desk = notifyDesk({ post, targets: () => [targetWith({ url, allow_private: true })] });
    await desk.tell(asked);
    await until(() => desk.store.read(address)?.state === "backing-off");
    desk.clock.advance(5_000);
    await until(() => desk.store.read(address)?.state === "delivered");
    const oracle = new Webhook(WHSEC);
    expect(heard.map(({ body, headers }) => oracle.verify(body, headers))).toEqual([
      expect.objectContaining({ type: "run.stuck" }),
      expect.objectContaining({ type: "run.stuck" }),
    ]);
    expect(new Set(heard.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([address]));
    expect(new Set(heard.map(({ body }) => body)).size).toBe(1);
    const [first = 0, second = 0] = heard.map(({ headers }) => Number(headers["webhook-timestamp"]));
    expect(second - first).toBeGreaterThanOrEqual(2);
    expect(desk.journal(address)).toEqual(["init", "NOTIFY", "NOT_NOTIFIED", "after backoff", "NOTIFIED"]);
  });

  test("that was sent when the power went is sent again, the same under the same id", async () => {
    const { sent, post } = keeping(() => new Promise(() => undefined));
    const desk = notifyDesk({ post });
    await desk.tell(asked);
    await rest();
    expect(sent.length).toBe(1);
    const after = keeping(answering(204));
    const again = notifyDesk({ post: after.post, from: desk, clock: manualClock(desk.clock.now() + 60_000) });
    await rest();
    expect(again.store.read(address)?.state).toBe("delivered");
    const ids = [...sent, ...after.sent].map(({ headers }) => headers["webhook-id"]);
    expect(ids).toEqual([address, address]);
    expect(after.sent.map(textOf)).toEqual(sent.map(textOf));
    expect(after.sent[0]?.headers["webhook-timestamp"]).not.toBe(sent[0]?.headers["webhook-timestamp"]);
  });

  test("stays the same when its run is erased meanwhile", async () => {
    const { sent, post } = keeping(answering(503, 200));
    let journal = executing({}, done(), SEALED).entries;
    const desk = notifyDesk({ post, runJournal: () => journal });
    await desk.tell(asked);
    await rest();
    journal = tell(executing({}, done(), SEALED), erase, erased()).entries.slice(-1);
    await untilRest(desk, address, rest);
    expect(desk.store.read(address)?.state).toBe("delivered");
    expect(sent.length).toBe(2);
    expect(new Set(sent.map(textOf)).size).toBe(1);
  });

  test.each([
    ["that the target does not want", [targetWith({ events: ["run.finalized"] })], "unwanted"],
    ["whose target is gone", [targetWith({ name: "pager" })], "target_removed"],
  ])("%s is skipped, and counts as delivered", async (_says, targets, why) => {
    const { sent, post } = keeping(answering(200));
    const desk = notifyDesk({ post, targets: () => targets });
    await desk.tell(asked);
    await rest();
    expect(sent).toEqual([]);
    expect(desk.store.read(address)).toMatchObject({ state: "delivered", resting: true });
    expect(desk.store.journal(address).at(-1)?.observations).toMatchObject([
      { name: "notification_skipped", value: why },
    ]);
  });

  test("goes where the configuration says by then", async () => {
    const { sent, post } = keeping(answering(500, 200));
    let url = "https://old.example/";
    const desk = notifyDesk({ post, targets: () => [targetWith({ url })] });
    await desk.tell(asked);
    await rest();
    url = "https://new.example/";
    await untilRest(desk, address, rest);
    expect(sent.map((message) => message.url)).toEqual(["https://old.example/", "https://new.example/"]);
  });

  test("is not sent unsigned", async () => {
    const { sent, post } = keeping(answering(200));
    const secret = new Secret(new TextEncoder().encode("c4n4ry-no-whsec"), "env:OPS");
    const desk = notifyDesk({ post, targets: () => [targetWith({ secret })] });
    await desk.tell(asked);
    await untilRest(desk, address, rest);
    expect([sent, desk.store.read(address)?.state]).toEqual([[], "abandoned.written"]);
    expect(JSON.stringify(desk.store.journal(address))).not.toContain("c4n4ry");
  });

  test("waits as long as the target asks", async () => {
    const { sent, post } = keeping(() =>
      Promise.resolve({ kind: "answered", status: 429, retry_after: "600", body: new Uint8Array() }),
    );
    const desk = notifyDesk({ post });
    await desk.tell(asked);
    await rest();
    desk.clock.advance(599_000);
    await rest();
    expect(sent.length).toBe(1);
    desk.clock.advance(1_000);
    await rest();
    expect(sent.length).toBe(2);
  });
});

test("a dead target holds up no other", async () => {
  const post: PostMessage = (target, message) =>
    target.url.includes("dead") ? new Promise(() => undefined) : answering(200)(target, message);
  const desk = notifyDesk({
    post,
    targets: () => [targetWith(), targetWith({ name: "dead", url: "https://dead.example" })],
  });
  const dead = Array.from({ length: 20 }, (_, i) => askedWith({ n: i + 1, target: "dead" }));
  for (const each of dead) await desk.tell(each);
  await desk.tell(asked);
  await rest();
  expect(desk.store.read(address)?.state).toBe("delivered");
  expect(dead.map((each) => desk.store.read(addressFor(each))?.state)).toEqual(dead.map(() => "sending"));
});

describe("one that is given up", () => {
  test.each([
    ["that fails", 503, 12],
    ["that says no", 410, 4],
    ["that redirects", 302, 4],
  ])("on a target %s has been tried so often, and a person is told once", async (_says, status, attempts) => {
    const { sent, post } = keeping(answering(status));
    const desk = notifyDesk({ post });
    await desk.tell(asked);
    await untilRest(desk, address, rest);
    expect(desk.store.read(address)).toMatchObject({ state: "abandoned.written", resting: true });
    expect([sent.length, desk.pages.length]).toEqual([attempts, 1]);
    const page = Buffer.from(desk.pages[0]?.bytes ?? []).toString();
    expect(page).toContain("event: notification.abandoned\n");
    expect(page).toContain(`run: "${RUN}"\n`);
    expect(page).toContain(`> \`ops\` was not told of \`run.stuck\`: ${attempts} attempts, and then given up.`);
    expect(page).toContain(`answers ${status}`);
    expect(page).toContain("`qoc notify test ops`");
    expect(desk.store.journal(address).at(-1)?.data).toMatchObject({ file: `inbox/${desk.pages[0]?.names[0]}` });
  });

  test("has one page, however often it is written, and another name where something else has that", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "qoc-notify-"));
    closers.push(() => rmSync(folder, { recursive: true }));
    const { post } = keeping(answering(503));
    const desk = notifyDesk({
      post,
      placePage: (_folder, page) => placeWhole({ ...page, folder, mode: 0o644 }),
    });
    await desk.tell(asked);
    await untilRest(desk, address, rest);
    await until(() => desk.store.read(address)?.resting === true);
    const [page] = desk.pages;
    const [name = ""] = readdirSync(folder);
    expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-risk-00000000-notification-1-ops\.md$/);
    if (page === undefined) throw new Error("no page was written");
    const again = { ...page, folder, mode: 0o644 };
    expect(await placeWhole(again)).toBe(name);
    expect(readdirSync(folder)).toEqual([name]);
    writeFileSync(path.join(folder, name), "another page");
    expect(await placeWhole(again)).toContain(`-risk-${RUN}-notification-1-ops.md`);
  });
});

test("no secret, no URL and no word of a sender is in what is kept or sent", async () => {
  const { sent, post } = keeping(answering(503));
  const desk = notifyDesk({ post });
  await desk.tell(asked);
  await untilRest(desk, address, rest);
  const kept = JSON.stringify([desk.store.read(address), desk.store.journal(address), desk.complaints]);
  const pages = desk.pages.map(({ bytes, names }) => `${names.join()} ${Buffer.from(bytes).toString()}`).join("\n");
  const out = sent.map((message) => JSON.stringify(message.headers) + textOf(message)).join("\n");
  expect([kept.length, pages.length, out.length].every((length) => length > 300)).toBe(true);
  for (const text of [kept, pages, out]) {
    expect(text).not.toContain(PAYLOAD_CANARY);
    expect(text).not.toContain("c4n4ry");
    expect(text).not.toContain(WHSEC.slice("whsec_".length));
  }
});
