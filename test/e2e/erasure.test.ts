/**
 * A person has runs erased. Canaries are in what was sent: before, they are found in the desk's files and in its store; afterwards they are
 * in none of them. Of the store its readable contents are searched, row by row: pages that are free may hold old bytes until they are used again.
 */
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { kill, qoc, stop, up, type Daemon, type Place } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { filesBelow } from "../support/files-below.ts";
import { readableStore } from "../support/readable-store.ts";
import { post } from "../support/sender.ts";

const NAME = "forgetful-desk";
const TOML = [webhookToml("by-id", 'dedupe = "id+body"'), webhookToml("twin")].join("\n");
const LARGE = "x".repeat(300 * 1024);
const body = (what: string, filler = ""): string =>
  JSON.stringify({ event: "e", actor: `canary-actor-${what}`, note: `canary-body-${what}`, filler });

let dir: string;
let place: Place;
let daemon: Daemon;
const runs = new Map<string, string>();

const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
  const { stdout, stderr } = await qoc(place, ...args, "--output", "json");
  return stdout === "" ? { stderr } : JSON.parse(stdout);
};

async function send(webhook: string, what: string, id?: string, text = body(what)): Promise<Record<string, unknown>> {
  const delivery = { webhook, body: text, ...(id === undefined ? {} : { delivery_id: id }) };
  const answer = await post(daemon.ingress, NAME, delivery, { "user-agent": `canary-agent-${what}` });
  expect(answer.status).toBe(202);
  return answer.body;
}

/** Files of the desk, all but the store's own, that hold this text. */
const filesWith = (text: string): readonly string[] =>
  [...filesBelow(dir)]
    .filter(([file, bytes]) => !file.startsWith(path.join(".qoc", "store")) && bytes.includes(text))
    .map(([file]) => file);
const rowsHold = async (text: string): Promise<boolean> =>
  (await readableStore(path.join(dir, ".qoc", "store"))).includes(text);
const erase = (what: string) =>
  json("envelope", "erase", runs.get(what) ?? "", "--reason", "asked to be forgotten", "--yes");

beforeAll(async () => {
  dir = deskFolder(NAME, { toml: TOML });
  place = { cwd: dir };
  daemon = await up([dir]);
  const begin = async (what: string, webhook: string, id?: string, text?: string): Promise<void> => {
    runs.set(what, String((await send(webhook, what, id, text))["run"]));
  };
  await begin("one", "by-id", "canary-id-one");
  // What comes once it is sealed is amended.
  await quiet(dir);
  await send("by-id", "one-changed", "canary-id-one");
  await send("by-id", "one", "canary-id-replay");
  await begin("large", "by-id", "canary-id-large", body("large", LARGE));
  await begin("shared", "by-id", "canary-id-shared");
  await begin("twin", "twin", undefined, body("shared"));
  await quiet(dir);
}, 60_000);

describe("before", () => {
  test.each(["canary-body-one", "canary-body-one-changed", "canary-id-one", "canary-id-replay", "canary-body-large"])(
    "%s is in the desk's files and in its store",
    async (canary) => {
      expect(filesWith(canary).length).toBeGreaterThan(0);
      expect((await rowsHold(canary)) || canary === "canary-body-large").toBe(true);
    },
  );

  test("nothing is erased that nobody confirms", async () => {
    const { code, stderr } = await qoc(place, "envelope", "erase", runs.get("one") ?? "", "--reason", "no");
    expect([code, stderr]).toEqual([64, expect.stringContaining("--yes")]);
    expect(await json("runs", "show", runs.get("one") ?? "")).toMatchObject({ state: "sealed" });
  });
});

describe("a run with a conflict and a replay, erased", () => {
  let answer: Record<string, unknown>;
  let edited: string;

  beforeAll(async () => {
    const notices = filesWith("canary-id-replay").filter((file) => file.includes("-notice-"));
    edited = notices[0] ?? "none";
    appendFileSync(path.join(dir, edited), "\nLooked into.\n");
    answer = await erase("one");
  });

  test("says what is left: a pack for each seal, and the page that a person has edited", () => {
    expect(answer).toMatchObject({
      schema: "qoc.envelope.erase/1",
      state: "erased",
      erased: { reason: "asked to be forgotten", edited: [edited], shared: 0 },
    });
    expect(JSON.stringify(answer)).not.toContain("canary");
    const { seals } = Object.assign({ seals: [] }, answer["erased"]);
    expect(seals).toHaveLength(3);
  });

  test.each(["canary-body-one", "canary-actor-one", "canary-id-one", "canary-id-replay", "canary-agent-one"])(
    "leaves %s in no file but that page, and in no row of the store",
    async (canary) => {
      expect(filesWith(canary).filter((file) => file !== edited)).toEqual([]);
      expect(await rowsHold(canary)).toBe(false);
    },
  );

  test("leaves evidence that verifies with its place in the log, and says that it was erased", async () => {
    const run = runs.get("one") ?? "";
    const verdict = await json("envelope", "verify", run);
    expect(verdict).toMatchObject({ ok: true, level: "E3" });
    expect(verdict["erased"]).toBe(verdict["closed"]);
    expect((await qoc(place, "envelope", "verify", run)).stdout).toContain("by erasure");
    for (const name of readdirSync(path.join(dir, ".qoc", "evidence")).filter((each) =>
      each.endsWith(".erased.json"),
    )) {
      const file = path.join(dir, ".qoc", "evidence", name);
      expect(await json("envelope", "verify", file)).toMatchObject({ ok: true, level: "E3" });
    }
  });

  test("leaves a log that accounts for it", async () => {
    expect(await qoc(place, "log", "verify")).toMatchObject({ code: 0 });
    expect(await json("log", "audit")).toMatchObject({ erased: 1, left_out: 0, findings: [] });
  });

  test("is shown, listed and explained without a word of the sender's", async () => {
    const run = runs.get("one") ?? "";
    const shown = [
      await json("runs", "show", run),
      await json("why", run),
      await json("envelope", "show", run),
      await json("runs", "list"),
    ];
    expect(shown[0]).toMatchObject({ state: "erased", delivery_id: null, erased: { reason: "asked to be forgotten" } });
    expect(JSON.stringify(shown[1])).toContain("erased at");
    expect(JSON.stringify(shown.slice(0, 3))).not.toContain("canary");
  });

  test("is not erased twice, and takes no other word", async () => {
    const run = runs.get("one") ?? "";
    const again = await qoc(place, "envelope", "erase", run, "--reason", "again", "--yes");
    expect([again.code, again.stderr]).toEqual([75, expect.stringContaining("erased before")]);
    const released = await qoc(place, "runs", "release", run, "--as-new", "--reason", "no");
    expect(released.code).toBe(75);
  });

  test.each([
    ["the same delivery", "one", "canary-id-one"],
    ["other bytes under its id", "one-again", "canary-id-one"],
  ])("is not begun again by %s, of which nothing is kept", async (_says, what, id) => {
    const before = await json("status");
    expect(await send("by-id", what, id)).toMatchObject({ run: runs.get("one"), duplicate: true });
    await quiet(dir);
    expect(filesWith(`canary-body-${what}`).filter((file) => file !== edited)).toEqual([]);
    expect(await json("runs", "show", runs.get("one") ?? "")).toMatchObject({ state: "erased" });
    // What was posted lies in the mail until something is posted after it.
    await send("twin", `after-${what}`);
    await quiet(dir);
    expect(await rowsHold(`canary-body-${what}`)).toBe(false);
    expect(before).toMatchObject({ ready: true });
  });
});

describe("bytes of their own file, and bytes that two runs rest on", () => {
  test("a large body goes with its run", async () => {
    expect(await erase("large")).toMatchObject({ state: "erased", erased: { shared: 0 } });
    expect(filesWith("canary-body-large")).toEqual([]);
  });

  test("a body that another run has too stays with that run, and the answer says so", async () => {
    expect(await erase("shared")).toMatchObject({ state: "erased", erased: { shared: 1 } });
    expect(await rowsHold("canary-body-shared")).toBe(true);
    expect(await rowsHold("canary-id-shared")).toBe(false);
    expect(await erase("twin")).toMatchObject({ state: "erased", erased: { shared: 0 } });
    expect(await rowsHold("canary-body-shared")).toBe(false);
  });
});

test("what was erased stays so over kill -9, a stop and a start", async () => {
  await kill(daemon);
  daemon = await up([dir]);
  expect(await send("by-id", "one", "canary-id-one")).toMatchObject({ run: runs.get("one"), duplicate: true });
  expect(await json("log", "audit")).toMatchObject({ erased: 4, left_out: 0, findings: [] });
  await stop(daemon);
  expect(await rowsHold("canary-body-one")).toBe(false);
  expect(await json("runs", "show", runs.get("one") ?? "")).toMatchObject({ state: "erased", duplicates: 3 });
});

test("the store of a backup, put in the place of the desk's own, holds nothing of it even as a file", async () => {
  const store = path.join(dir, ".qoc", "store");
  const backup = path.join(dir, "backup");
  expect(await qoc(place, "store", "backup", backup)).toMatchObject({ code: 0 });
  rmSync(store, { recursive: true });
  cpSync(path.join(backup, "store"), store, { recursive: true });
  expect(readFileSync(path.join(store, "data.mdb")).includes("canary-body-one")).toBe(false);
  daemon = await up([dir]);
  expect(await send("by-id", "one", "canary-id-one")).toMatchObject({ run: runs.get("one"), duplicate: true });
  expect(await stop(daemon)).toMatchObject({ code: 0 });
});
