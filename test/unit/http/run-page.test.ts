/** What the page of a run asks for, over a desk that has seen everything. */
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { verifyPack } from "../../../src/evidence/pack/verify-pack.ts";
import { verify } from "../../../src/evidence/verify.ts";
import { inLogOrder, policyOf, sortInput } from "../../../src/evidence/verify-page/inputs.ts";
import { EnvelopesPage, RunEvidence } from "../../../src/http/shapes/envelopes.ts";
import { RunReplay } from "../../../src/http/shapes/replay.ts";
import { RunPage } from "../../../src/http/shapes/run-page.ts";
import { BODY, livedWorld, type LivedWorld } from "./lived-world.ts";

const root = mkdtempSync(join(tmpdir(), "qoc-test-"));
let world: LivedWorld;

beforeAll(async () => {
  world = await livedWorld(root);
}, 60_000);
afterAll(async () => {
  await world.close();
  rmSync(root, { recursive: true, force: true });
});

const strict = <Shape extends z.ZodRawShape>(shape: z.ZodObject<Shape>) =>
  shape.extend({ schema: z.string() }).strict();
async function answered<Shape extends z.ZodRawShape>(shape: z.ZodObject<Shape>, url: string) {
  const answer = await world.ask(url);
  expect(answer).toMatchObject({ status: 200 });
  return strict(shape).parse(answer.body);
}
const pageOf = (run: string) => answered(RunPage, `/api/runs/${run}/page`);

describe("GET /api/runs/:id/page", () => {
  test("has the delivery as received beside its facts, numbers verbatim, and who signed", async () => {
    const { delivery, run, why, chart, drafts, actions } = await pageOf(world.runs.sealed);
    expect(delivery?.body).toMatchObject({ text: BODY, cut: false, because: null, filtered: false });
    expect(delivery?.headers).toContainEqual(["x-qoc-delivery", "P-1"]);
    expect(delivery?.facts).toContainEqual(["delivery_id", "P-1"]);
    expect(delivery?.facts.map(([name]) => name)).not.toContain("ref");
    expect(delivery?.signature).toMatchObject({ verified: true, scheme: "qoc", secret: 1 });
    expect([run.state, chart.state, chart.machine, drafts]).toEqual(["sealed", "sealed", "delivery", null]);
    expect(why.paragraph).not.toBe("");
    expect(actions).toEqual([]);
  });

  test("shows the beginning of a large body, and halves no character", async () => {
    const { delivery } = await pageOf(world.runs.binary);
    const { text, cut, bytes } = delivery?.body ?? { text: null, cut: null, bytes: 0 };
    expect([cut, bytes > 400_000]).toEqual([true, true]);
    expect(Buffer.byteLength(text ?? "")).toBeLessThanOrEqual(256 * 1024);
    expect(text).toMatch(/^\{"n":4,"long":"é+$/);
  });

  test("fits its shape for every run of the desk: erased, set aside, stuck, held, failed, of an agent", async () => {
    const pages = await Promise.all(world.all.map(pageOf));
    const states = new Set(pages.map(({ run }) => run.state.split(".")[0]));
    expect(states).toEqual(new Set(["sealed", "stuck", "executing", "held", "erased"]));
    expect(pages.filter(({ run }) => run.parked !== null)).toHaveLength(1);
    for (const { run, delivery, drafts } of pages) {
      expect(delivery === null).toBe(run.state === "erased");
      expect(drafts === null).toBe(run.state === "erased" || run.webhook !== "run");
    }
  });

  test("names what a person can tell it, and no more", async () => {
    const pages = await Promise.all(world.all.map(pageOf));
    const allowed = (is: (page: RunPage) => boolean) =>
      pages.filter(is).map(({ actions }) => actions.map(({ action }) => action));
    expect(allowed(({ run }) => run.state === "stuck" && run.parked === null)).toEqual([["resume", "cancel"]]);
    expect(allowed(({ run }) => run.parked !== null)).toEqual([["resume"]]);
    expect(allowed(({ run }) => run.state === "held.for-context")).toEqual([
      ["release", "cancel"],
      ["release", "cancel"],
    ]);
    expect(allowed(({ run }) => run.run === world.runs.amended)).toEqual([["release_as_new"]]);
    expect(allowed(({ run }) => run.run === world.runs.erased)).toEqual([[]]);
  });

  test("has the timers of a held run in the words of its journal", async () => {
    const pages = await Promise.all(world.all.map(pageOf));
    const held = pages.find(({ run }) => run.state === "held.for-context");
    expect(held?.chart.timers).toEqual([{ event: "after contextTimeout", at: held?.run.waiting_until }]);
  });

  test("is none for a run that there is not", async () => {
    expect(await world.ask("/api/runs/ffffffff-0000-8000-8000-000000000000/page")).toMatchObject({
      status: 404,
      body: { code: "RUN_UNKNOWN" },
    });
  });
});

describe("GET /api/runs/:id/replay", () => {
  test("gives rows of every run that has a journal, each in its state", async () => {
    const pages = await Promise.all(world.all.map(pageOf));
    for (const { run } of pages.filter((page) => page.run.erased === null)) {
      const { length } = run.journal;
      const rows = run.journal.filter(({ seq }) => seq < 5 || seq === Math.floor(length / 2) || seq === length - 1);
      for (const { seq, to, event, at } of rows) {
        const shown = await answered(RunReplay, `/api/runs/${run.run}/replay?seq=${seq}`);
        expect([shown.chart.state, shown.event, shown.at, shown.of]).toEqual([to, event, at, length]);
      }
    }
  });

  test("gives a run by its last row as it is now, and what was started since", async () => {
    const pages = await Promise.all(world.all.map(pageOf));
    const told = pages.filter((page) => page.run.erased === null);
    expect(told.length).toBeGreaterThan(15);
    for (const { run, chart } of told) {
      const shown = await answered(RunReplay, `/api/runs/${run.run}/replay?seq=${run.journal.length - 1}`);
      expect(shown).toMatchObject({ chart, outcome: run.outcome, duplicates: run.duplicates });
    }
  });

  test("knows of the facts only from the row on that brought them", async () => {
    const url = `/api/runs/${world.runs.sealed}/replay?seq=`;
    expect((await answered(RunReplay, `${url}1`)).facts).toEqual([]);
    expect((await answered(RunReplay, `${url}2`)).facts).toContainEqual(["delivery_id", "P-1"]);
  });

  test("has the effects that were pending then", async () => {
    const { run } = await pageOf(world.runs.sealed);
    const seq = run.journal.find(({ to }) => to.startsWith("executing"))?.seq ?? -1;
    const shown = await answered(RunReplay, `/api/runs/${world.runs.sealed}/replay?seq=${seq}`);
    expect(shown.chart.pending).toEqual([{ name: "writeInboxItem", asked_at: shown.at, started: false }]);
    expect(shown.outcome).toBeNull();
  });

  test.each<[string, (runs: LivedWorld["runs"]) => string, string, number, string]>([
    ["a row that there is not", ({ sealed }) => sealed, "9999", 404, "NOT_FOUND"],
    ["an erased run", ({ erased }) => erased, "0", 409, "NOT_NOW"],
    ["a number that is none", ({ sealed }) => sealed, "-1", 400, "REQUEST_MALFORMED"],
  ])("refuses %s", async (_, run, seq, status, code) => {
    const answer = await world.ask(`/api/runs/${run(world.runs)}/replay?seq=${seq}`);
    expect(answer).toMatchObject({ status, body: { code } });
  });
});

describe("GET /api/envelopes", () => {
  test("pages through every sealed run once, and says how many it looked at", async () => {
    const seen: string[] = [];
    let looked = 0;
    let url: string | null = "/api/envelopes?limit=4";
    while (url !== null) {
      const page: EnvelopesPage = await answered(EnvelopesPage, url);
      seen.push(...page.items.map(({ run }) => run));
      looked += page.looked;
      url = page.next === null ? null : `/api/envelopes?limit=4&cursor=${page.next}`;
    }
    const pages = await Promise.all(world.all.map(pageOf));
    const sealed = pages.filter(({ run }) => run.sealed_at !== null);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.toSorted()).toEqual(sealed.map(({ run }) => run.run).toSorted());
    expect(looked).toBe(world.all.length);
  });

  test("has the pack of an erased run, and refuses a cursor of another list", async () => {
    const { items } = await answered(EnvelopesPage, "/api/envelopes?limit=200");
    const gone = items.find(({ run }) => run === world.runs.erased);
    expect(gone).toMatchObject({ erased: true, file: `.qoc/evidence/${gone?.evidence_id}.erased.json` });
    expect(items.filter(({ erased }) => erased)).toHaveLength(1);
    expect(await world.ask("/api/envelopes?cursor=x")).toMatchObject({ status: 400 });
  });
});

describe("GET /api/runs/:id/evidence", () => {
  const evidenceOf = (run: string) => answered(RunEvidence, `/api/runs/${run}/evidence`);
  /** As the page does it, with what the answer holds and nothing else. */
  const policyFor = ({ receipt, keys }: RunEvidence) => {
    const inputs = [...keys, ...(receipt === null ? [] : [receipt])];
    const sorted = inputs.map(({ name, base64 }) => sortInput({ name, bytes: Buffer.from(base64, "base64") }));
    return policyOf(inLogOrder(sorted), { origin: "", witnessesMin: "" });
  };
  const bytesOf = (file: { readonly base64: string } | undefined) => Buffer.from(file?.base64 ?? "", "base64");

  test("is all that the verifier takes to find the envelope sealed and logged: also of one sealed with the desk's second key", async () => {
    for (const run of [world.runs.sealed, world.runs.later]) {
      const evidence = await evidenceOf(run);
      expect(verify(bytesOf(evidence.envelope), policyFor(evidence))).toMatchObject({ ok: true, level: "E3" });
      expect(evidence.command).toBe(`qoc envelope verify .qoc/evidence/${evidence.envelope.name} --explain`);
    }
    expect((await evidenceOf(world.runs.later)).keys.map(({ name }) => name.split(".")[1])).toEqual(
      expect.arrayContaining(["tlog-proof", "pub"]),
    );
  });

  test("has the exact bytes of the envelope and of its amendments", async () => {
    const { envelope, amendments } = await evidenceOf(world.runs.amended);
    expect(amendments.length).toBeGreaterThan(0);
    for (const file of [envelope, ...amendments])
      expect(bytesOf(file)).toEqual(readFileSync(join(world.dir, ".qoc", "evidence", file.name)));
  });

  test("of an erased run is its pack, which verifies", async () => {
    const evidence = await evidenceOf(world.runs.erased);
    expect(verifyPack(bytesOf(evidence.envelope), policyFor(evidence))).toMatchObject({ ok: true });
  });

  test("of a run that is not sealed is refused, as not now", async () => {
    const pages = await Promise.all(world.all.map(pageOf));
    const held = pages.find(({ run }) => run.state === "held.for-context")?.run.run ?? "";
    expect(await world.ask(`/api/runs/${held}/evidence`)).toMatchObject({ status: 409, body: { code: "NOT_NOW" } });
  });

  test("says so when the file is gone, is a link, or is larger than an answer", async () => {
    const { envelope } = await evidenceOf(world.runs.sealed);
    const file = join(world.dir, ".qoc", "evidence", envelope.name);
    const url = `/api/runs/${world.runs.sealed}/evidence`;
    renameSync(file, `${file}.away`);
    expect(await world.ask(url)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    symlinkSync(`${file}.away`, file);
    expect(await world.ask(url)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    rmSync(file);
    writeFileSync(file, Buffer.alloc(9 * 1024 * 1024));
    expect(await world.ask(url)).toMatchObject({
      status: 409,
      body: { code: "NOT_NOW", detail: expect.stringContaining("qoc envelope verify") },
    });
    renameSync(`${file}.away`, file);
    expect(await evidenceOf(world.runs.sealed)).toMatchObject({ envelope });
  });
});
