/** The logs that a desk has had, as its files tell of them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { exactDecimal, readCheckpoint } from "../evidence/log/checkpoint.ts";
import { evidenceFolder } from "./evidence-files.ts";

/** `size` is null for a log that has no checkpoint yet. `ended_at` and `reason` are null for the current one. */
export type EpochShown = {
  readonly epoch: number;
  readonly origin: string | null;
  readonly size: number | null;
  readonly ended_at: string | null;
  readonly reason: string | null;
};

const Ended = z.object({ epoch: z.int(), size: z.int(), ended_at: z.string(), reason: z.string() });

export function epochsOf(dir: string): { readonly current: EpochShown; readonly ended: readonly EpochShown[] } {
  const evidence = evidenceFolder(dir);
  const file = path.join(dir, ".qoc", "log-state", "epoch");
  const epoch = existsSync(file) ? (exactDecimal(readFileSync(file, "utf8").trimEnd()) ?? 1) : 1;
  const current = { epoch, ...saidIn(path.join(evidence, "log")), ended_at: null, reason: null };
  return { current, ended: endedIn(path.join(evidence, "logs")) };
}

function endedIn(folder: string): readonly EpochShown[] {
  const numbers = existsSync(folder) ? readdirSync(folder).flatMap((name) => exactDecimal(name) ?? []) : [];
  return numbers
    .toSorted((a, b) => a - b)
    .flatMap((number) => {
      const place = path.join(folder, String(number));
      const file = path.join(place, "ended.json");
      if (!existsSync(file)) return [];
      const { epoch, size, ended_at, reason } = Ended.parse(JSON.parse(readFileSync(file, "utf8")));
      return [{ epoch, origin: saidIn(place).origin, size, ended_at, reason }];
    });
}

/** The name of the log that goes on; null before it has a checkpoint. */
export const originOfLog = (dir: string): string | null => saidIn(path.join(evidenceFolder(dir), "log")).origin;

/** As the note says, whoever signed it: `qoc log verify` and `qoc fsck` are who check. */
function saidIn(folder: string): Pick<EpochShown, "origin" | "size"> {
  const file = path.join(folder, "checkpoint");
  const [text] = existsSync(file) ? readFileSync(file, "utf8").split("\n\n", 1) : [];
  const read = text === undefined ? undefined : readCheckpoint(`${text}\n`);
  return { origin: read?.origin ?? null, size: read?.size ?? null };
}
