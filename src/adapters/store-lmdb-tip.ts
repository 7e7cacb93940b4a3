import { z } from "zod";
import type { LogTip } from "../engine/ports.ts";
import { metaKey, type Tables } from "./store-lmdb-env.ts";
import { createUnit, type Unit } from "./store-lmdb-unit.ts";

/** The row of `meta` that says how far the log is. */
export type TipRow = {
  readonly tip: () => LogTip | undefined;
  readonly noteTip: (tip: LogTip) => void;
  /** Adds the row to a unit when it is behind what was noted; `kept` is told what it gave, once the unit is committed. */
  readonly stage: (unit: Unit) => LogTip | undefined;
  readonly kept: (staged: LogTip | undefined) => void;
  /** Makes what was noted last durable. */
  readonly settle: () => Promise<void>;
};

const Row = z.strictObject({ epoch: z.int(), size: z.int(), root: z.string() });

export function createTipRow({ root, turns, meta }: Pick<Tables, "root" | "turns" | "meta">): TipRow {
  const found = meta.get(metaKey("tip"));
  let noted: LogTip | undefined = found === undefined ? undefined : Row.parse(JSON.parse(found.toString()));
  let durable = noted;

  function stage(unit: Unit): LogTip | undefined {
    if (noted === undefined || noted === durable) return undefined;
    const { epoch, size, root: hash } = noted;
    unit.put(meta, metaKey("tip"), Buffer.from(JSON.stringify({ epoch, size, root: hash })));
    return noted;
  }

  function kept(staged: LogTip | undefined): void {
    if (staged !== undefined) durable = staged;
  }

  return {
    tip: () => noted,
    noteTip: (tip) => {
      noted = tip;
    },
    stage,
    kept,
    settle: async () => {
      const unit = createUnit(root, turns);
      const staged = stage(unit);
      if (staged === undefined) return;
      await unit.commit();
      kept(staged);
    },
  };
}
