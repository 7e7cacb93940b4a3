/** A desk from `init` to `stop`, by the commands that a person types, with the exit codes that scripts rely on. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { launch, qoc, ready, lastingFolder, type Daemon, type Said } from "../support/daemon.ts";

describe("a desk of one's own", () => {
  const home = lastingFolder();
  const dir = path.join(home, "my-desk");
  const inDesk = (...args: readonly string[]): Promise<Said> => qoc({ cwd: dir }, ...args);
  let daemon: Daemon;

  beforeAll(async () => {
    await qoc({ cwd: home }, "init", "my-desk");
    // Found from the folder that it runs in, as after `cd my-desk`.
    daemon = await ready(launch([], { cwd: dir }), dir);
  });

  const envelopeOf = async (run: string): Promise<string> => {
    const { stdout } = await inDesk("runs", "show", run, "--json");
    const { envelope }: { readonly envelope: string } = JSON.parse(stdout);
    return path.join(dir, envelope);
  };

  test("keeps its generated secrets to itself", () => {
    expect(statSync(path.join(dir, ".env.qoc")).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(dir, ".gitignore"), "utf8")).toContain(".env.qoc");
  });

  test("is not made twice: exit 73", async () => {
    expect((await qoc({ cwd: home }, "init", "my-desk")).code).toBe(73);
  });

  test("is ready", async () => {
    expect(await inDesk("ready")).toMatchObject({ code: 0, stdout: "ready\n" });
  });

  test("takes a delivery to its sealed envelope, which verifies", async () => {
    const sent = await inDesk("send", "price-alert", "--wait");
    expect(sent.code).toBe(0);
    expect(sent.stdout).toMatch(/^202 accepted: run /);
    expect(sent.stdout).toContain("→ sealed");
    const verified = await inDesk("envelope", "verify", await envelopeOf("@last"));
    // E3 as soon as the receipt lies beside it.
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/level E[23]/) });
  });

  test("tells a duplicate from a new delivery", async () => {
    const { stdout } = await inDesk("send", "price-alert", "--repeat", "3", "--json");
    const { items }: { readonly items: readonly { readonly run: string; readonly duplicate: boolean }[] } =
      JSON.parse(stdout);
    expect(items.map(({ duplicate }) => duplicate)).toEqual([false, true, true]);
    expect(new Set(items.map(({ run }) => run)).size).toBe(1);
  });

  test("refuses a spoiled signature: exit 1", async () => {
    const said = await inDesk("send", "price-alert", "--tamper", "signature");
    expect(said.code).toBe(1);
    expect(said.stdout).toContain("401 SIGNATURE_INVALID");
  });

  test("lists its runs in the form that scripts rely on", async () => {
    const { stdout } = await inDesk("runs", "list", "--json");
    const page: { readonly schema: string; readonly items: readonly Readonly<Record<string, unknown>>[] } =
      JSON.parse(stdout);
    expect(Object.keys(page)[0]).toBe("schema");
    expect(page.schema).toBe("qoc.runs.list/1");
    expect(Object.keys(page.items[0] ?? {})).toEqual(
      expect.arrayContaining([
        "run",
        "workspace",
        "webhook",
        "delivery_id",
        "state",
        "outcome",
        "waiting_for",
        "duplicates",
      ]),
    );
  });

  test("says that an envelope does not verify: exit 1", async () => {
    const envelope = await envelopeOf("@last");
    const changed = path.join(home, "changed.json");
    writeFileSync(changed, readFileSync(envelope, "utf8").replace('"outcome":"completed"', '"outcome":"cancelled"'));
    const said = await inDesk("envelope", "verify", changed, "--key", path.join(dir, ".qoc", "keys", "evidence.pub"));
    expect(said.code).toBe(1);
  });

  test.each([
    ["wrong usage", 64, ["runs", "list", "--limit", "none"]],
    ["an unknown run", 66, ["runs", "show", "00000000-0000-8000-8000-000000000000"]],
    ["an unknown webhook", 66, ["send", "no-such-webhook"]],
  ])("ends at %s with %i", async (_, code, args) => {
    expect((await inDesk(...args)).code).toBe(code);
  });

  test("stops, and says so", async () => {
    expect(await inDesk("stop")).toMatchObject({ code: 0, stdout: "stopped\n" });
    expect((await daemon.ended).code).toBe(0);
    expect(existsSync(path.join(dir, ".qoc", "daemon.json"))).toBe(false);
  });

  test("is still read when it is stopped, and nothing is sent to it: exit 69", async () => {
    expect((await inDesk("runs", "list")).code).toBe(0);
    expect((await inDesk("send", "price-alert")).code).toBe(69);
    expect((await inDesk("ready")).code).toBe(69);
  });
});
