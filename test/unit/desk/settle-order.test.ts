import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { order } from "../../../machines/order.ts";
import { createOrderFiles } from "../../../src/adapters/order-files.ts";
import { deliveryAddress, orderAddress, runIdOf, sha256Of, type Sha256 } from "../../../src/core/ids.ts";
import type { OrderEvent } from "../../../src/core/order.ts";
import { readDraftFile, type OrderFiles } from "../../../src/desk/draft-file.ts";
import { settleOrder, type SettleWorld } from "../../../src/desk/settle-order.ts";
import type { EffectCall, Entry } from "../../../src/engine/ports.ts";
import { placePages } from "../../../src/main-orders.ts";
import { begin, tell, type Actor } from "../../support/machine-given.ts";
import { inputWith } from "../../support/delivery-words.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const RUN = runIdOf("00000000-0000-8000-8000-000000000001");
const NAME = "20260705T142200Z_NVDA_buy.toml";
const FILE = `orders/proposed/${NAME}`;
const DRAFT = `[order]
connector = "paper"
symbol = "NVDA"
side = "buy"
quantity = 100
type = "market"

[rationale]
summary = "It is \`cheap\`." # by a person`;
const hashOf = (bytes: Uint8Array | string): Sha256 => sha256Of(createHash("sha256").update(bytes).digest("hex"));
const SAID = JSON.stringify({
  schema: "qoc.acknowledgement/v1",
  connector: "paper",
  key: "a".repeat(64),
  to: "submit",
  answer: { kind: "filled", fills: [{ quantity: "100", price: "120.50" }], reference: "ledger line 1" },
});
const artifacts = new Map([DRAFT, SAID].map((text) => [hashOf(text), Buffer.from(text)]));

const told = (event: OrderEvent): OrderEvent => event;
const proposed = tell(
  begin(order, orderAddress(RUN, 2), null),
  told({
    type: "PROPOSED",
    run: RUN,
    draft: 2,
    file: FILE,
    digest: hashOf("digest"),
    content: hashOf(DRAFT),
  }),
);
const approved = tell(
  proposed,
  told({
    type: "APPROVED",
    digest: hashOf("digest"),
    content: hashOf(DRAFT),
    by: ["ada", "bo"],
  }),
);
const settled = (outcome: "executed" | "failed" | "blocked" | "unknown", reason: string | null = null): Actor =>
  tell(
    approved,
    { type: "DISPATCHING" },
    told({
      type: "SETTLED",
      outcome,
      reason,
      acknowledgement: outcome === "executed" ? hashOf(SAID) : null,
    }),
  );
const rejected = tell(proposed, told({ type: "REJECTED", reason: "too large" }));

const birth: Entry = {
  seq: 0,
  at: 0,
  event: "init",
  by: "provider",
  from: null,
  to: "received",
  guard: null,
  observations: [],
  effects: [],
  data: { ...inputWith(), received_at: Date.parse("2026-07-05T14:20:00Z") },
};

type Desk = {
  readonly dir: string;
  readonly world: SettleWorld;
  readonly text: (file: string) => string;
  readonly names: (folder: string) => readonly string[];
};
function deskOf(actor: Actor, files: (real: OrderFiles) => OrderFiles = (real) => real, state = "executing"): Desk {
  const dir = temporaryFolder();
  for (const folder of ["orders/proposed", "inbox"]) mkdirSync(path.join(dir, folder), { recursive: true });
  writeFileSync(path.join(dir, FILE), DRAFT);
  const text = (file: string): string => readFileSync(path.join(dir, file), "utf8");
  const names = (folder: string): readonly string[] => {
    const at = path.join(dir, folder);
    return lstatSync(at, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(at).toSorted();
  };
  const world: SettleWorld = {
    store: {
      read: () => ({ ...actor.record, state }),
      journal: (address) => (address === deliveryAddress(RUN) ? [birth] : actor.entries),
      artifact: (sha256) => artifacts.get(sha256),
    },
    files: files(createOrderFiles(dir)),
    kinds: [],
    place: placePages(dir),
  };
  return { dir, world, text, names };
}
function callOf({ record }: Actor): EffectCall {
  const [pending] = record.pending;
  if (pending === undefined) throw new Error("nothing is asked");
  return { ...pending, address: record.address };
}
const settle = ({ world }: Desk, actor: Actor) => settleOrder(world).perform(callOf(actor));

describe("an order that was executed", () => {
  const actor = settled("executed");
  test("is filed with what was decided to the byte, and its outcome behind that", async () => {
    const desk = deskOf(actor);
    expect((await settle(desk, actor)).event).toMatchObject({ type: "EFFECT_DONE", file: `orders/executed/${NAME}` });
    expect(desk.text(`orders/executed/${NAME}`)).toBe(`${DRAFT}

[outcome]
end = "executed"
at = "1970-01-01T00:00:00.004Z"
approved_by = "ada, bo"
run = "${RUN}"
draft = "2"
digest = "${hashOf("digest")}"
acknowledgement = "${hashOf(SAID)}"
`);
    expect([desk.names("orders/proposed"), desk.names("orders/executed")]).toEqual([[], [NAME]]);
  });

  test("is a fill in the inbox, with what was filled at which price", async () => {
    const desk = deskOf(actor);
    await settle(desk, actor);
    const [page = "", ...more] = desk.names("inbox");
    expect([page, more]).toEqual(["2026-07-05T14-20-00Z-risk-00000000-order-2.md", []]);
    expect(desk.text(`inbox/${page}`)).toContain("kind: fill\n");
    expect(desk.text(`inbox/${page}`)).toContain(
      "> Sent: `buy 100 NVDA at market, day, through paper`.\n\n- 100 at 120.50\n",
    );
    expect(desk.text(`inbox/${page}`)).toMatch(/^says: "?Sent: buy 100 NVDA at market, day, through paper\."?$/m);
  });

  test("keeps beside what a person has changed since, and files what was decided", async () => {
    const desk = deskOf(actor);
    writeFileSync(path.join(desk.dir, FILE), DRAFT.replace("100", "999"));
    await settle(desk, actor);
    const edited = NAME.replace(".toml", ".edited.toml");
    expect(desk.names("orders/executed")).toEqual([edited, NAME].toSorted());
    expect(desk.text(`orders/executed/${NAME}`)).toContain("quantity = 100\n");
    expect(desk.text(`orders/executed/${edited}`)).toContain("quantity = 999\n");
    expect(desk.names("orders/proposed")).toEqual([]);
  });

  test("leaves another file of its name as it is", async () => {
    const desk = deskOf(actor);
    mkdirSync(path.join(desk.dir, "orders/executed"));
    writeFileSync(path.join(desk.dir, `orders/executed/${NAME}`), "another");
    const own = NAME.replace(".toml", ".00000000-2.toml");
    expect((await settle(desk, actor)).event).toMatchObject({ file: `orders/executed/${own}` });
    expect(desk.text(`orders/executed/${NAME}`)).toBe("another");
  });

  test("is filed also when its draft is gone", async () => {
    const desk = deskOf(actor);
    await desk.world.files.remove(FILE);
    await settle(desk, actor);
    expect(desk.names("orders/executed")).toEqual([NAME]);
  });

  test("makes no second file when a person has changed it before it is done again", async () => {
    const desk = deskOf(actor);
    await settle(desk, actor);
    writeFileSync(path.join(desk.dir, `orders/executed/${NAME}`), `${desk.text(`orders/executed/${NAME}`)}# seen\n`);
    await settle(desk, actor);
    expect([desk.names("inbox").length, desk.names("orders/executed")]).toEqual([1, [NAME]]);
  });

  test("tells a person also where an agent wrote pages of its own under the names of that page", async () => {
    const desk = deskOf(actor);
    await settle(desk, actor);
    const [name = ""] = desk.names("inbox");
    const page = desk.text(`inbox/${name}`);
    for (const taken of [name, name.replace("00000000", RUN)])
      writeFileSync(path.join(desk.dir, "inbox", taken), page.replace("Sent:", "Nothing happened:"));
    await settle(desk, actor);
    const others = desk.names("inbox").filter((each) => ![name, name.replace("00000000", RUN)].includes(each));
    expect(others.map((each) => desk.text(`inbox/${each}`))).toEqual([page]);
  });
});

test.each([
  [
    "failed",
    "the venue said `no`",
    "> Failed: `buy 100 NVDA at market, day, through paper`. The reason: `` the venue said `no` ``.",
  ],
  [
    "blocked",
    "it is late",
    "> Held back: `buy 100 NVDA at market, day, through paper`. Nothing was sent. The reason: `it is late`.",
  ],
  ["unknown", "cancelled", "> It is not known whether this was sent: "],
] as const)("an order that is %s is filed as rejected, and an alert in the inbox", async (outcome, reason, says) => {
  const actor = settled(outcome, reason);
  const desk = deskOf(actor);
  await settle(desk, actor);
  expect(desk.names("orders/rejected")).toEqual([NAME]);
  expect(desk.text(`orders/rejected/${NAME}`)).toContain(`[outcome]\nend = "${outcome}"\n`);
  const page = desk.text(`inbox/${desk.names("inbox").join()}`);
  expect(page).toContain("kind: alert\n");
  expect(page).toContain(says);
});

test("what a person rejected is filed with the reason, and is no news in the inbox", async () => {
  const desk = deskOf(rejected);
  await settle(desk, rejected);
  expect(desk.text(`orders/rejected/${NAME}`)).toContain(
    'end = "rejected"\nat = "1970-01-01T00:00:00.002Z"\nreason = "too large"\n',
  );
  expect([desk.names("orders/proposed"), desk.names("inbox")]).toEqual([[], []]);
});

test("it is filed while the erasure of its run waits for that, and what it wrote is remembered", async () => {
  const desk = deskOf(rejected, undefined, "erasing.removing");
  writeFileSync(path.join(desk.dir, FILE), DRAFT.replace("100", "999"));
  const filed = `orders/rejected/${NAME}`;
  expect((await settle(desk, rejected)).event).toMatchObject({
    file: filed,
    wrote: [
      { file: filed, content: hashOf(desk.text(filed)) },
      { file: filed.replace(".toml", ".edited.toml"), content: hashOf(DRAFT) },
    ],
  });
});

test("nothing is written behind an erasure of its run", async () => {
  const desk = deskOf(rejected, undefined, "erased");
  expect((await settle(desk, rejected)).event).toMatchObject({ type: "EFFECT_DONE", file: null });
  expect([desk.names("orders/rejected"), desk.names("inbox")]).toEqual([[], []]);
});

describe("a crash at any call, before or behind it, and then again", () => {
  const calls = ["place 1", "move 1", "look 1", "look 2", "remove 1"];
  const CRASH = "the daemon is gone";
  /** Every call counts by its name; the one that is named fails, once. */
  function crashing(real: OrderFiles, at: string, when: "before" | "behind"): OrderFiles {
    const counts = new Map<string, number>();
    const isIt = (name: string): boolean => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return `${name} ${counts.get(name)}` === at;
    };
    const through = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
      const crashes = isIt(name);
      if (crashes && when === "before") throw new Error(CRASH);
      const done = await act();
      if (crashes) throw new Error(CRASH);
      return done;
    };
    return {
      look: (...given) => {
        if (isIt("look")) throw new Error(CRASH);
        return real.look(...given);
      },
      place: (...given) => through("place", () => real.place(...given)),
      move: (...given) => through("move", () => real.move(...given)),
      remove: (...given) => through("remove", () => real.remove(...given)),
    };
  }
  const actor = settled("executed");
  const points = calls.flatMap((at) => [`${at} before`, `${at} behind`]);
  test.each(points)("%s: one file and one page", async (point) => {
    const [name = "", n = "", when = ""] = point.split(" ");
    const desk = deskOf(actor, (real) => crashing(real, `${name} ${n}`, when === "before" ? "before" : "behind"));
    await expect(settle(desk, actor)).rejects.toThrow(CRASH);
    const then = desk.names("orders/proposed").length + desk.names("orders/executed").length;
    expect(then).toBeGreaterThan(0);
    await settle(desk, actor);
    expect([desk.names("orders/proposed"), desk.names("orders/executed"), desk.names("inbox").length]).toEqual([
      [],
      [NAME],
      1,
    ]);
    expect(desk.text(`orders/executed/${NAME}`).startsWith(DRAFT)).toBe(true);
  });
});

describe("a draft's file", () => {
  const desk = () => deskOf(rejected);
  test("is read with the hash of its bytes and what they say", () => {
    expect(readDraftFile(desk().world.files, FILE, [])).toMatchObject({
      kind: "found",
      content: hashOf(DRAFT),
      read: { kind: "draft", says: "buy 100 NVDA at market, day, through paper" },
    });
  });

  test.each([
    "orders/proposed/../../desk.toml",
    "desk.toml",
    "orders/executed/x.toml",
    "orders/proposed/",
    "orders/proposed/a/b.toml",
    "/etc/passwd",
  ])("is none at %s", (file) => {
    expect(readDraftFile(desk().world.files, file, [])).toMatchObject({ kind: "unsafe" });
  });

  test("that is not there is none", () => {
    expect(readDraftFile(desk().world.files, "orders/proposed/other.toml", [])).toEqual({ kind: "none" });
  });

  test("is no link, lies in no folder that is one, and has an end", () => {
    const { dir, world } = desk();
    writeFileSync(path.join(dir, "secret.toml"), DRAFT);
    symlinkSync("../../secret.toml", path.join(dir, "orders/proposed/link.toml"));
    writeFileSync(path.join(dir, "orders/proposed/large.toml"), "#".repeat(64 * 1024 + 1));
    const look = (file: string) => readDraftFile(world.files, file, []).kind;
    expect([look("orders/proposed/link.toml"), look("orders/proposed/large.toml")]).toEqual(["unsafe", "unsafe"]);
    const other = desk();
    const elsewhere = temporaryFolder();
    writeFileSync(path.join(elsewhere, NAME), DRAFT);
    symlinkSync(elsewhere, path.join(other.dir, "orders/executed"));
    expect(other.world.files.look(`orders/executed/${NAME}`, 100_000).kind).toBe("unsafe");
  });

  test("is not filed through a folder that is a link", async () => {
    const actor = settled("executed");
    const { dir, world, names } = deskOf(actor);
    const elsewhere = temporaryFolder();
    symlinkSync(elsewhere, path.join(dir, "orders/executed"));
    await expect(settleOrder(world).perform(callOf(actor))).rejects.toThrow("executed is no folder, or a link to one.");
    expect([readdirSync(elsewhere), names("orders/proposed")]).toEqual([[], [NAME]]);
  });
});
