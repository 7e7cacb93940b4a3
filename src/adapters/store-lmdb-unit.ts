import { reasonOf } from "../core/assert.ts";
import type { Address } from "../core/ids.ts";
import { StaleSequence } from "../engine/ports.ts";
import type { Table } from "./store-lmdb-env.ts";
import type { WriteTurns } from "./write-turns.ts";

/** Holds at the instant of the commit, or nothing of the unit is kept. */
export type Condition =
  | { readonly kind: "absent"; readonly of: Address; readonly table: Table; readonly key: Buffer }
  | {
      readonly kind: "version";
      readonly of: Address;
      readonly table: Table;
      readonly key: Buffer;
      readonly is: number;
    };

type Write = { readonly table: Table; readonly key: Buffer; readonly value: Buffer | null; readonly version: number };

/**
 * Writes that are kept together or not at all. They are gathered first and queued in one go, so that whatever throws while
 * they are made (an encoder, an assertion) throws before the first of them reaches the database's queue.
 */
export type Unit = {
  readonly onlyIf: (condition: Condition) => void;
  readonly put: (table: Table, key: Buffer, value: Buffer, version?: number) => void;
  readonly remove: (table: Table, key: Buffer) => void;
  /**
   * Resolves when flushed. Units committed while another is being flushed share the next flush.
   * @throws StaleSequence for the first condition that does not hold; NotStored when the disk refused.
   */
  readonly commit: () => Promise<void>;
};

/** The disk refused a transaction (full, failing): nothing of it was kept, and the store goes on. */
export class NotStored extends Error {
  constructor(cause: unknown) {
    super(`the store could not write: ${reasonOf(cause)}`, { cause });
    this.name = "NotStored";
  }
}

/** `root` only says whose queue the unit joins; its tables are named by the writes. `turns` are those of that environment. */
export function createUnit(root: Table, turns: WriteTurns): Unit {
  const conditions: Condition[] = [];
  const writes: Write[] = [];

  function queueWrites(): void {
    for (const { table, key, value, version } of writes) {
      // These promises settle with the block that the writes are queued in.
      if (value === null) void table.remove(key);
      else void table.put(key, value, version);
    }
  }

  /**
   * Each block inside the one before, every write in the innermost. Keep it so: the library (3.5.6) takes an inner `ifNoExists`
   * for fulfilled when an outer condition has failed, and would carry out what follows the inner block.
   */
  function queueFrom(at: number): Promise<boolean>[] {
    const condition = conditions[at];
    if (condition === undefined) {
      queueWrites();
      return [];
    }
    let inner: Promise<boolean>[] = [];
    const queueInner = (): void => {
      inner = queueFrom(at + 1);
    };
    const { table, key } = condition;
    const held =
      condition.kind === "absent" ? table.ifNoExists(key, queueInner) : table.ifVersion(key, condition.is, queueInner);
    return [held, ...inner];
  }

  return {
    onlyIf: (condition) => void conditions.push(condition),
    put: (table, key, value, version = 0) => void writes.push({ table, key, value, version }),
    remove: (table, key) => void writes.push({ table, key, value: null, version: 0 }),
    commit: () => turns(flush),
  };

  async function flush(): Promise<void> {
    const blocks = conditions.length > 0 ? queueFrom(0) : [root.batch(queueWrites)];
    const held = await Promise.all(blocks.map(written));
    const failed = conditions[held.indexOf(false)];
    if (failed !== undefined) throw new StaleSequence(failed.of);
  }
}

/** The library hangs the reason on the error as a promise that rejects: left alone, that would end the process. */
async function written(block: Promise<boolean>): Promise<boolean> {
  try {
    return await block;
  } catch (error) {
    const behind: unknown = error instanceof Error && "commitError" in error ? error.commitError : error;
    throw new NotStored(await Promise.resolve(behind).catch((reason: unknown) => reason));
  }
}
