import { assert } from "../core/assert.ts";
import type { Mail, PlacedMail } from "../engine/ports.ts";
import { metaKey, metaNumber, nextNumber, type Tables } from "./store-lmdb-env.ts";
import { number8, numberOf8 } from "./store-lmdb-keys.ts";
import { decodeMail, encodeMail } from "./store-lmdb-mail-codec.ts";
import { createUnit, type Unit } from "./store-lmdb-unit.ts";

export type MailTable = {
  readonly append: (batch: readonly Mail[]) => Promise<number>;
  readonly mail: () => Iterable<PlacedMail>;
  readonly forget: (batch: number) => void;
  readonly batches: () => number;
  /** Makes what `forget` said last beyond this process. */
  readonly settle: () => Promise<void>;
};

/**
 * One put an append: the acknowledgement of every delivery waits for it. Forgetting costs no transaction of its own: it goes
 * with the next append. A crash in between brings some mail back, which the actors know by its position.
 */
export function createMailTable(tables: Tables): MailTable {
  const { root, turns, meta, mail } = tables;
  /** Up to where `forget` was told, and up to where the table has it. */
  let forgotten = metaNumber(tables, "forgotten");
  let removed = forgotten;
  // An empty table does not mean a new one: positions must never repeat, or actors take new mail for old.
  let next = Math.max(nextNumber(mail), forgotten + 1);

  /** Returns the batch up to which nothing is left once the unit is committed. */
  function stageForgotten(unit: Unit): number {
    const upTo = forgotten;
    if (upTo === removed) return upTo;
    unit.put(meta, metaKey("forgotten"), number8(upTo));
    for (let batch = removed + 1; batch <= upTo; batch += 1) unit.remove(mail, number8(batch));
    return upTo;
  }

  async function settle(): Promise<void> {
    if (forgotten === removed) return;
    const unit = createUnit(root, turns);
    const upTo = stageForgotten(unit);
    await unit.commit();
    removed = Math.max(removed, upTo);
  }

  return {
    settle,
    append: async (batch) => {
      assert(batch.length > 0, "a batch holds mail");
      // A batch that was reported as failed may be there all the same: the next one overwrites it, and with it what nobody was told of.
      const number = next;
      const unit = createUnit(root, turns);
      unit.put(mail, number8(number), encodeMail(batch));
      const upTo = stageForgotten(unit);
      await unit.commit();
      removed = Math.max(removed, upTo);
      next = number + 1;
      return number;
    },
    mail: function* () {
      for (const { key, value } of mail.getRange({ start: number8(forgotten + 1) })) {
        const batch = numberOf8(key);
        for (const [place, one] of decodeMail(value).entries()) yield { position: [batch, place], mail: one };
      }
    },
    forget: (batch) => {
      assert(batch < next, `batch ${batch} was appended`);
      forgotten = Math.max(forgotten, batch);
    },
    batches: () => mail.getKeysCount({ start: number8(forgotten + 1) }),
  };
}
