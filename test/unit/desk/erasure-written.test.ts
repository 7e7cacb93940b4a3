/** Which files an erasure takes away of those that an agent run wrote, and which it leaves to whoever changed them. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Address } from "../../../src/core/ids.ts";
import { notificationAddress, orderAddress, sha256Of } from "../../../src/core/ids.ts";
import { filesWrittenIn } from "../../../src/core/files-written.ts";
import { actorsOf, removeWritten } from "../../../src/desk/erasure-written.ts";
import type { ActorRecord } from "../../../src/engine/ports.ts";
import { inputWith, RUN } from "../../support/delivery-words.ts";
import { begin } from "../../support/machine-given.ts";
import { order } from "../../../machines/order.ts";

const content = (text: string) => sha256Of(createHash("sha256").update(text).digest("hex"));

async function removing(
  wrote: readonly (readonly [file: string, text: string])[],
  there: Readonly<Record<string, string>>,
) {
  const removed: string[] = [];
  const changed = await removeWritten(
    RUN,
    wrote.map(([file, text]) => ({ file, content: content(text) })),
    {
      read: (file) => (there[file] === undefined ? undefined : Buffer.from(there[file])),
      remove: (file) => Promise.resolve(void removed.push(file)),
    },
  );
  return { removed, changed };
}

describe("a file that a run wrote", () => {
  test("goes when it is as the run wrote it, by any of its writings", async () => {
    const wrote = [
      ["research/a.md", "one"],
      ["research/a.md", "two"],
      ["snapshots/s.md", "s"],
    ] as const;
    expect(await removing(wrote, { "research/a.md": "one", "snapshots/s.md": "s" })).toEqual({
      removed: ["research/a.md", "snapshots/s.md"],
      changed: [],
    });
  });

  test("that is gone is nobody's matter", async () => {
    expect(await removing([["research/a.md", "one"]], {})).toEqual({ removed: [], changed: [] });
  });

  test("stays and is named when somebody has changed it", async () => {
    const wrote = [
      ["research/a.md", "one"],
      ["inbox/p.md", "page"],
      ["orders/rejected/x.edited.toml", "proposed"],
    ] as const;
    const there = {
      "research/a.md": "one, and more",
      "inbox/p.md": `edited, of run ${RUN}`,
      "orders/rejected/x.edited.toml": "a person's",
    };
    expect(await removing(wrote, there)).toEqual({ removed: [], changed: Object.keys(there) });
  });

  test("goes too when a person has marked it, which is no edit, and stays with any word of theirs", async () => {
    const page = (status: string, more = "") => `---\nkind: note\nstatus: ${status}\nrun: ${RUN}\n---\nText\n${more}`;
    const wrote = [["inbox/p.md", page("new")]] as const;
    expect(await removing(wrote, { "inbox/p.md": page("done") })).toEqual({ removed: ["inbox/p.md"], changed: [] });
    for (const edited of [page("done", "mine"), page("new", "mine")])
      expect(await removing(wrote, { "inbox/p.md": edited })).toEqual({ removed: [], changed: ["inbox/p.md"] });
    expect(await removing([["research/p.md", page("new")]], { "research/p.md": page("done") })).toMatchObject({
      removed: [],
      changed: ["research/p.md"],
    });
  });

  test.each(["inbox/p.md", "snapshots/p.md", "orders/executed/p.toml", "orders/rejected/p.toml"])(
    "whose name %s another run's has by now stays, and is not named",
    async (file) => {
      expect(await removing([[file, "mine"]], { [file]: "run: another" })).toEqual({ removed: [], changed: [] });
    },
  );
});

test("what was written is read from any entry that tells of it, and from no other", () => {
  const wrote = [{ file: "research/a.md", content: content("a") }];
  const journal = [
    { data: { wrote } },
    { data: {} },
    { data: null },
    { data: { wrote: "no list" } },
    { data: { wrote } },
  ];
  expect(filesWrittenIn(journal)).toEqual([...wrote, ...wrote]);
});

test("the actors of a run are found by their numbers, and a notification by each of its targets", () => {
  const born = new Set<Address>([
    orderAddress(RUN, 1),
    orderAddress(RUN, 2),
    notificationAddress(RUN, 1, "ops"),
    notificationAddress(RUN, 1, "desk"),
    notificationAddress(RUN, 2, "desk"),
  ]);
  const { record } = begin(order, orderAddress(RUN, 1), null);
  const read = (address: Address): ActorRecord | undefined => (born.has(address) ? record : undefined);
  const policy = { ...inputWith().policy, notify: ["ops", "desk"] };
  const found = actorsOf({ run: RUN, policy }, read);
  expect(new Set([...found.orders, ...found.notifications])).toEqual(born);
});
