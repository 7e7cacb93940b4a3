/** Several desks in one daemon, and one daemon for each desk. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { launch, up } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { post, signed } from "../support/sender.ts";

const items = (dir: string): readonly string[] =>
  readdirSync(path.join(dir, "inbox")).filter((name) => name.endsWith(".md"));

test("one daemon serves several desks and keeps them apart", async () => {
  const first = deskFolder("first-desk");
  const second = deskFolder("second-desk", { secrets: { SECRET: "secret-of-the-second" } });
  const { ingress } = await up([first, second]);
  const body = '{"event":"same"}';

  const inFirst = await post(ingress, "first-desk", { webhook: "price-alert", body });
  const withTheSecretOfFirst = await post(ingress, "second-desk", { webhook: "price-alert", body });
  const inSecond = await post(
    ingress,
    "second-desk",
    { webhook: "price-alert", body },
    { "x-qoc-signature": signed(body, "secret-of-the-second") },
  );
  await quiet(first);

  expect([inFirst.status, withTheSecretOfFirst.status, inSecond.status]).toEqual([202, 401, 202]);
  expect(inFirst.body["run"]).not.toBe(inSecond.body["run"]);
  expect([items(first).length, items(second).length]).toEqual([1, 1]);
});

test("a second daemon on a desk is refused with the pid of the first: exit 75", async () => {
  const dir = deskFolder("busy-desk");
  const { pid, ingress } = await up([dir]);
  const second = await launch([dir]).ended;
  expect(second.code).toBe(75);
  expect(second.stderr).toContain(String(pid));
  expect((await post(ingress, "busy-desk", { webhook: "price-alert", body: "{}" })).status).toBe(202);
});

test("two desks of one name are refused before anything is opened: exit 78", async () => {
  const dirs = [deskFolder("twin"), deskFolder("twin")];
  const { code, stderr } = await launch(dirs).ended;
  expect(code).toBe(78);
  expect(stderr).toContain("twin");
});

test("a desk that cannot be served keeps the others of the same call from starting half", async () => {
  const good = deskFolder("good-desk");
  const bad = deskFolder("bad-desk", { toml: webhookToml("price-alert", "unknown_key = 1") });
  const { code, stderr } = await launch([good, bad]).ended;
  expect(code).toBe(78);
  expect(stderr).toMatch(/bad-desk\/desk\.toml:\d+:\d+/);
  await up([good]);
});
