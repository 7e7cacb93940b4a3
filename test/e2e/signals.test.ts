/** What the daemon does when it is told to read its configuration again, and to stop. */
import { expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { type Daemon, launch, qoc, ready, up } from "../support/daemon.ts";
import { deskFolder, webhookToml, writeToml } from "../support/desk-folder.ts";
import { openConnection, requestOf } from "../support/raw-connection.ts";
import { post } from "../support/sender.ts";

async function reload(daemon: Daemon, says: string): Promise<void> {
  daemon.signal("SIGHUP");
  await expect.poll(daemon.stderr, { timeout: 10_000 }).toContain(says);
}

const statusOf = async (daemon: Daemon, desk: string, webhook: string): Promise<number> =>
  (await post(daemon.ingress, desk, { webhook, body: "{}" })).status;

test("SIGHUP takes in a good configuration whole", async () => {
  const dir = deskFolder("reloaded", { toml: webhookToml("old-hook") });
  const daemon = await up([dir]);
  writeToml(dir, "reloaded", webhookToml("new-hook"));
  await reload(daemon, "configuration reloaded");
  expect(await statusOf(daemon, "reloaded", "new-hook")).toBe(202);
  expect(await statusOf(daemon, "reloaded", "old-hook")).toBe(404);
});

test("SIGHUP refuses a bad configuration whole: what was good in it is not taken in either", async () => {
  const dir = deskFolder("refused", { toml: webhookToml("old-hook") });
  const daemon = await up([dir]);
  writeToml(dir, "refused", [webhookToml("new-hook"), webhookToml("bad-hook", 'dedupe = "by-magic"')].join("\n"));
  await reload(daemon, "configuration refused, the old one stays");
  expect(daemon.stderr()).toContain("by-magic");
  expect(await statusOf(daemon, "refused", "old-hook")).toBe(202);
  expect(await statusOf(daemon, "refused", "new-hook")).toBe(404);
});

test("SIGTERM lets what was begun finish, answers 503 to what comes then, and ends with 0", async () => {
  const dir = deskFolder("drained");
  const daemon = await up([dir]);
  const begun = await openConnection(daemon);
  const late = await openConnection(daemon);
  const { head, body } = requestOf("drained", { event: "begun" });
  begun.write(head);
  await begun.answered("HTTP/1.1 100 Continue");

  daemon.signal("SIGTERM");
  await expect.poll(daemon.stderr, { timeout: 10_000 }).toContain("stopping");
  late.write(head);
  expect(await late.closed).toMatch(/HTTP\/1\.1 503 [^]*\r\nretry-after: \d+\r\n[^]*DRAINING/i);
  begun.write(body);
  expect(await begun.closed).toContain("HTTP/1.1 202 ");
  expect((await daemon.ended).code).toBe(0);
});

test("who never ends what he began takes no more than half of the time that there is to stop", async () => {
  const dir = deskFolder("half-said");
  const daemon = await ready(launch([dir], {}, ["--drain", "8s"]), dir);
  const begun = await openConnection(daemon);
  begun.write(requestOf("half-said", { event: "begun" }).head);
  await begun.answered("HTTP/1.1 100 Continue");

  const began = Date.now();
  daemon.signal("SIGTERM");
  expect((await daemon.ended).code).toBe(0);
  expect(Date.now() - began).toBeLessThan(7_000);
});

test("SIGTERM in a burst loses nothing that was accepted: it is sealed at the latest after the next start", async () => {
  const dir = deskFolder("burst");
  const daemon = await up([dir]);
  const bodies = Array.from({ length: 60 }, (_, n) => JSON.stringify({ event: "burst", n }));
  const answers = await Promise.all(
    bodies.map((body) => post(daemon.ingress, "burst", { webhook: "price-alert", body })),
  );
  daemon.signal("SIGTERM");
  expect((await daemon.ended).code).toBe(0);

  await up([dir]);
  await quiet(dir);
  const { stdout } = await qoc({ cwd: dir }, "runs", "list", "--json", "--limit", "100");
  const { items }: { readonly items: readonly { readonly run: string; readonly state: string }[] } = JSON.parse(stdout);
  expect(items.map(({ state }) => state)).toEqual(bodies.map(() => "sealed"));
  expect(new Set(items.map(({ run }) => run))).toEqual(new Set(answers.map(({ body }) => body["run"])));
});

test("a second signal stops at once", async () => {
  const dir = deskFolder("stopped-twice");
  const daemon = await up([dir]);
  // A delivery that has begun keeps the first stop waiting.
  const { write, answered } = await openConnection(daemon);
  write(requestOf("stopped-twice", {}).head);
  await answered("HTTP/1.1 100 Continue");
  daemon.signal("SIGTERM");
  await expect.poll(daemon.stderr, { timeout: 10_000 }).toContain("a second signal stops at once");
  daemon.signal("SIGTERM");
  expect((await daemon.ended).code).toBe(143);
});
