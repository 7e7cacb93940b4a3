/** The actors of some ordinals, one after the other: what a thread of `qoc fsck` does. */
import type { StoreSurvey } from "../adapters/store-lmdb-survey.ts";
import { reasonOf } from "../core/assert.ts";
import { checkActor, type ActorWorld } from "./check-actor.ts";
import type { EvidenceFacts } from "./check-evidence.ts";
import type { Finding } from "./findings.ts";

export type Range = { readonly from: number; readonly to: number };

/** `named`: the hashes of artifacts, 32 bytes each. */
export type RangeChecked = EvidenceFacts & {
  readonly actors: number;
  /** Of these so little can be read that what belongs to them is not known. */
  readonly unsound: number;
  readonly findings: readonly Finding[];
  readonly named: Uint8Array;
};

export function checkRange({ from, to }: Range, survey: StoreSurvey, world: Omit<ActorWorld, "survey">): RangeChecked {
  const findings: Finding[] = [];
  const found = (finding: Finding): void => void findings.push(finding);
  const facts = { claims: [], files: [], checkpoints: [] } as const satisfies EvidenceFacts;
  const all: EvidenceFacts[] = [facts];
  const named: Buffer[] = [];
  let [actors, unsound] = [0, 0];
  for (const actor of survey.actors(from, to)) {
    actors += 1;
    if (actor.kind === "unreadable") {
      found({ code: "RECORD_UNREADABLE", at: `actor ${actor.ordinal}`, detail: actor.reason });
      unsound += 1;
      continue;
    }
    try {
      const checked = checkActor(actor, { ...world, survey }, found);
      all.push(checked);
      if (!checked.isSound) unsound += 1;
      for (const sha256 of checked.named) named.push(Buffer.from(sha256, "hex"));
    } catch (thrown) {
      found({ code: "RECORD_UNREADABLE", at: actor.record.address, detail: reasonOf(thrown) });
      unsound += 1;
    }
  }
  return {
    actors,
    unsound,
    findings,
    named: Buffer.concat(named),
    claims: all.flatMap(({ claims }) => claims),
    files: all.flatMap(({ files }) => files),
    checkpoints: distinct(all.flatMap(({ checkpoints }) => checkpoints)),
  };
}

function distinct(all: EvidenceFacts["checkpoints"]): EvidenceFacts["checkpoints"] {
  return [...new Map(all.map((one) => [`${one.epoch} ${one.size} ${one.root}`, one])).values()];
}
