import { metaKey, metaNumber, type Tables } from "./store-lmdb-env.ts";
import { number8 } from "./store-lmdb-keys.ts";

/** Brings a store from one schema to the next. Synchronous: it runs within one transaction, together with the note that it ran. */
export type Migration = { readonly to: number; readonly run: (tables: Tables) => void };

/** Where schemas begin; each later change of a table or of a row's shape adds a migration here, for good. */
const FIRST_SCHEMA = 1;
export const migrations: readonly Migration[] = [];

/** The schema that a list of migrations ends in: what this build writes. */
const schemaOf = (known: readonly Migration[]): number => known.at(-1)?.to ?? FIRST_SCHEMA;

/** The store was written by a newer build than this one, which would read it wrongly. */
export class SchemaNewer extends Error {
  readonly schema: number;
  constructor(schema: number, known: number) {
    super(
      `the store has schema ${schema}, this build knows up to ${known}: use the build that wrote it, or a newer one`,
    );
    this.name = "SchemaNewer";
    this.schema = schema;
  }
}

/**
 * Notes the schema of a new store; brings an older one up step by step. A crash leaves the last schema that was reached whole.
 * @throws SchemaNewer
 */
export function migrate(tables: Tables, known: readonly Migration[]): void {
  const newest = schemaOf(known);
  const found = metaNumber(tables, "schema");
  if (found > newest) throw new SchemaNewer(found, newest);
  if (found === 0) note(tables, newest);
  for (const { to, run } of known) {
    if (found === 0 || to <= found) continue;
    // Nothing else writes yet, so this transaction splits no block of writes.
    tables.root.transactionSync(() => {
      run(tables);
      note(tables, to);
    });
  }
}

const note = ({ meta }: Tables, schema: number): void => meta.putSync(metaKey("schema"), number8(schema));

/** Reading does not migrate. @throws when the schema is not the one this build writes. */
export function requireSchema(tables: Tables, known: readonly Migration[]): void {
  const newest = schemaOf(known);
  const found = metaNumber(tables, "schema");
  if (found > newest) throw new SchemaNewer(found, newest);
  if (found < newest)
    throw new Error(`the store has schema ${found}: start the daemon once, it brings it to ${newest}`);
}
