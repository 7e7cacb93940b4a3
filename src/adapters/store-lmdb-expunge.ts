/** Takes out of an environment what belongs to one actor beside its record and journal. Reads whole tables, in pieces. */
import type { Address, Sha256 } from "../core/ids.ts";
import type { Store } from "../engine/ports.ts";
import type { Actors } from "./store-lmdb-actors.ts";
import type { Artifacts } from "./store-lmdb-artifacts.ts";
import type { Tables } from "./store-lmdb-env.ts";
import { DIGEST_BYTES, addressKey, number8, rowPrefix } from "./store-lmdb-keys.ts";
import { eachRow } from "./store-lmdb-pieces.ts";
import { createUnit } from "./store-lmdb-unit.ts";

type Parts = {
  readonly tables: Tables;
  readonly actors: Pick<Actors, "read" | "ordinalOf">;
  readonly artifacts: Pick<Artifacts, "uses" | "copiesOf" | "remove">;
};

export function createExpunge({ tables, actors, artifacts }: Parts): Store["expunge"] {
  return async (address, hashes, stays, parts = []) => {
    const busy = hashes.find(artifacts.uses.isAhead);
    if (busy !== undefined) throw new Error("some of these bytes came again a moment ago: it is tried again");
    const watch = artifacts.uses.watch();
    try {
      const own = [address, ...parts].flatMap((each) => actors.ordinalOf(each) ?? []);
      const named = await namedByOthers(tables, own, hashes);
      const rows = await rowsOf(tables, address, actors.read(address)?.born_at ?? 0, stays);
      const copies = await artifacts.copiesOf(hashes);
      // From here to the queueing of the writes nothing is awaited: what came meanwhile was seen.
      const isShared = (sha256: Sha256): boolean => named.has(sha256) || watch.saw(sha256);
      const unit = createUnit(tables.root, tables.turns);
      for (const key of rows) unit.remove(tables.index, key);
      const gone = hashes.filter((sha256) => !isShared(sha256));
      const shared = hashes.filter(isShared);
      await artifacts.remove(unit, gone, copies);
      return shared;
    } finally {
      watch.end();
    }
  };
}

/** Mail first: what is taken in meanwhile goes from there to a journal, and is met in one of the two. */
async function namedByOthers(
  { mail, journal, actors }: Tables,
  own: readonly Buffer[],
  hashes: readonly Sha256[],
): Promise<ReadonlySet<Sha256>> {
  const named = new Set<Sha256>();
  const look = (value: Buffer): void => {
    for (const sha256 of hashes) if (!named.has(sha256) && value.includes(sha256)) named.add(sha256);
  };
  const isOwn = (key: Buffer): boolean => own.some((ordinal) => key.subarray(0, ordinal.length).equals(ordinal));
  await eachRow(mail, (_key, value) => look(value));
  for (const table of [journal, actors]) await eachRow(table, (key, value) => (isOwn(key) ? undefined : look(value)));
  return named;
}

async function rowsOf(
  { index }: Tables,
  address: Address,
  bornAt: number,
  stays: Parameters<Store["expunge"]>[2],
): Promise<readonly Buffer[]> {
  const own = Buffer.concat([number8(bornAt), addressKey(address)]);
  const kept = stays.map(rowPrefix);
  const found: Buffer[] = [];
  await eachRow(index, (key) => {
    const prefix = key.subarray(0, DIGEST_BYTES);
    if (key.subarray(DIGEST_BYTES).equals(own) && !kept.some((one) => one.equals(prefix))) found.push(Buffer.from(key));
  });
  return found;
}
