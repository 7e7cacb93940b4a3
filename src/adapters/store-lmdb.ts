import { dirname, join } from "node:path";
import { z } from "zod";
import type { Address } from "../core/ids.ts";
import type { ActorRecord, Artifact, Change, Store, StoreStats } from "../engine/ports.ts";
import { createArtifactFiles, sweepParts } from "./artifact-files.ts";
import { createActors } from "./store-lmdb-actors.ts";
import { createArtifacts } from "./store-lmdb-artifacts.ts";
import { dataBytes, metaNumber, openTables, openTablesReadOnly, type Table, type Tables } from "./store-lmdb-env.ts";
import { createExpunge } from "./store-lmdb-expunge.ts";
import { createMailTable } from "./store-lmdb-mail.ts";
import { migrate, migrations, requireSchema } from "./store-lmdb-migrations.ts";
import { createQueries } from "./store-lmdb-queries.ts";
import { createTipRow } from "./store-lmdb-tip.ts";
import { createUnit } from "./store-lmdb-unit.ts";
import { untilClosed } from "./store-lifetime.ts";

/** What can be asked of a store without owning it. */
export type StoreView = Omit<Store, "append" | "commit" | "forget" | "keep" | "expunge" | "noteTip">;

/** Artifact files lie beside the store's folder: `<desk>/.qoc/store` and `<desk>/.qoc/artifacts`. */
const artifactsBeside = (dir: string): string => join(dirname(dir), "artifacts");

/**
 * Opens the store of a desk for its one writer, who holds the desk's lock. Creates it when there is none, migrates an older one.
 * @throws SchemaNewer
 */
export async function openStore(dir: string): Promise<Store> {
  return orClose(openTables(dir), (tables) => {
    migrate(tables, migrations);
    sweepParts(artifactsBeside(dir));
    return storeOn(tables, dir);
  });
}

/**
 * Opens for reading beside a running daemon; sees each commit once it is flushed.
 * @throws when there is no store, or one of another schema.
 */
export async function openStoreReadOnly(dir: string): Promise<StoreView> {
  return orClose(openTablesReadOnly(dir), (tables) => {
    requireSchema(tables, migrations);
    return storeOn(tables, dir);
  });
}

async function orClose<T>(tables: Tables, use: (tables: Tables) => T): Promise<T> {
  try {
    return use(tables);
  } catch (error) {
    await tables.root.close();
    throw error;
  }
}

function storeOn(tables: Tables, dir: string): Store {
  const files = createArtifactFiles(artifactsBeside(dir));
  const artifacts = createArtifacts(tables, files);
  const actors = createActors(tables);
  const mail = createMailTable(tables);
  const queries = createQueries(tables, actors.ordinalOf);
  const tip = createTipRow(tables);

  /** Encodes everything, then queues it at once; awaits files before only when there are large artifacts. */
  async function commit(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const given = changes.flatMap((change) => change.artifacts);
    const used = artifacts.uses.begin(given);
    try {
      const written = artifacts.writeFiles(given);
      if (written !== undefined) await written;
      const unit = createUnit(tables.root, tables.turns);
      const staged = new Map<Address, ActorRecord>();
      for (const change of changes) actors.stage(unit, change, staged);
      for (const artifact of given) artifacts.stage(unit, artifact);
      const tipped = tip.stage(unit);
      await unit.commit();
      tip.kept(tipped);
    } catch (error) {
      for (const { record } of changes) actors.disown(record);
      throw error;
    } finally {
      used();
    }
  }

  async function keep(artifact: Artifact): Promise<void> {
    artifacts.uses.ahead(artifact.ref.sha256);
    await artifacts.writeFiles([artifact]);
    const unit = createUnit(tables.root, tables.turns);
    artifacts.stage(unit, artifact);
    await unit.commit();
    artifacts.uses.ahead(artifact.ref.sha256);
  }

  const expunged = createExpunge({ tables, actors, artifacts });
  const expunge: Store["expunge"] = async (...given) => {
    await mail.settle();
    return expunged(...given);
  };

  const stats = (): StoreStats => ({
    schema: metaNumber(tables, "schema"),
    actors: countOf(tables.actors),
    unfinished: countOf(tables.unfinished),
    mail_batches: mail.batches(),
    artifacts: countOf(tables.artifacts),
    get bytes() {
      return dataBytes(dir) + files.bytes();
    },
  });

  const { tip: tipNow, noteTip } = tip;
  const calls = {
    ...mail,
    ...actors,
    ...queries,
    artifact: artifacts.read,
    keep,
    expunge,
    commit,
    tip: tipNow,
    noteTip,
    stats,
  };
  return untilClosed(calls, async () => {
    // What is not settled is told again after the next start, and known there.
    await mail.settle().catch(() => undefined);
    await tip.settle().catch(() => undefined);
    await tables.root.close();
  });
}

const TableStats = z.object({ entryCount: z.number() });
const countOf = (table: Table): number => TableStats.parse(table.getStats()).entryCount;
