/** Very many sealed runs in a store, in seconds: one that went the ordinary road, and copies of its record and journal under other ids. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Address, deliveryAddress, nameOf, runIdOf } from "../../src/core/ids.ts";
import type { ActorRecord, Change, Entry } from "../../src/engine/ports.ts";
import { populate } from "../bench/populate.ts";

/** Changes of one commit, and how old the next older run is. */
const TOGETHER = 100;
const APART_MS = 1000;
/** Commits under way at one time. */
const COMMITS = 20;

/** Writes so many runs, a second apart, into the store of the desk `bench` in this folder. No daemon may be open on it. */
export async function seedSealedRuns(dir: string, count: number): Promise<void> {
  const { store, add, close } = await populate(dir, "sealed");
  await add(1);
  const [first] = store.addresses("", 1);
  const record = first === undefined ? undefined : store.read(first);
  if (record === undefined) throw new Error("no run was made");
  const journal = store.journal(record.address);
  const ages = Array.from({ length: count - 1 }, (_, index) => (index + 1) * APART_MS);
  for (let at = 0; at < ages.length; at += TOGETHER * COMMITS) {
    const commits = Array.from({ length: COMMITS }, (_, n) =>
      ages.slice(at + n * TOGETHER, at + (n + 1) * TOGETHER).map((age) => copyOf(record, journal, age)),
    );
    // oxlint-disable-next-line no-await-in-loop -- a bound on what waits in memory
    await Promise.all(commits.filter(({ length }) => length > 0).map((changes) => store.commit(changes)));
  }
  await close();
}

/** The same life, under an id of its own and so much earlier. */
function copyOf(record: ActorRecord, journal: readonly Entry[], age: number): Change {
  const address: Address = deliveryAddress(runIdOf(randomUUID().replace(/^(.{14})4/, "$18")));
  const renamed = <T>(of: T): T =>
    JSON.parse(
      JSON.stringify(of)
        .replaceAll(nameOf(record.address), nameOf(address))
        .replaceAll(evidenceIdIn(journal), randomUUID()),
    );
  const older = { born_at: record.born_at - age, changed_at: record.changed_at - age };
  return {
    record: { ...renamed(record), address, ...older, applied: null },
    before: null,
    entries: journal.map((entry) => {
      const copy = { ...renamed(entry), at: entry.at - age };
      return entry.seq === 0 ? { ...copy, data: bornEarlier(copy.data, age) } : copy;
    }),
    artifacts: [],
    index: [{ name: "webhook", key: "bench/price-alert" }],
  };
}

const evidenceIdIn = ([birth]: readonly Entry[]): string =>
  z.object({ evidence_id: z.string() }).parse(birth?.data).evidence_id;

/** Of what a run was born with, the time at which its delivery was received. */
function bornEarlier(data: Entry["data"], age: number): Entry["data"] {
  if (data === null || typeof data !== "object" || !("received_at" in data)) return data;
  return { ...data, received_at: Number(data["received_at"]) - age };
}
