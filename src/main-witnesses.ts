/** The witnesses of a desk's log: asked whenever a checkpoint was published, and never waited for. */
import path from "node:path";
import { systemClock } from "./adapters/clock.ts";
import { nodeLogDisk } from "./adapters/log-disk.ts";
import { logStateOf, type EvidenceLog } from "./adapters/log-files.ts";
import { replaceWhole } from "./adapters/log-replace.ts";
import { createWitnessAsker, type WitnessFault } from "./adapters/witness-asker.ts";
import { askWitness, type WitnessPlace } from "./adapters/witness-client.ts";
import { openWitnessedNote } from "./adapters/witnessed-note.ts";
import type { EvidenceConfig } from "./config/desk-config.ts";
import { readStandings, STANDINGS_FILE, standingsText, type Standing } from "./desk/witness-standing.ts";
import { readCheckpoint } from "./evidence/log/checkpoint.ts";
import { readVkey } from "./evidence/log/note.ts";

export type WitnessedDesk = {
  /** `<desk>/.qoc` */
  readonly runtime: string;
  readonly witnesses: EvidenceConfig["witness"];
  readonly complain: (says: string, about: { readonly reason: string }) => void;
};

/** The log, of which every append also has the witnesses asked, and whose closing breaks that off. */
export function askingWitnesses(log: EvidenceLog, { runtime, witnesses, complain }: WitnessedDesk): EvidenceLog {
  const places = witnesses.flatMap(({ url, key }) => {
    const verifier = readVkey(key);
    return verifier === undefined ? [] : [{ url, verifier }];
  });
  if (places.length === 0) return log;
  const folder = path.join(runtime, "evidence", "log");
  const note = log.checkpoint();
  const origin = readCheckpoint(note.slice(0, note.lastIndexOf("\n\n") + 1))?.origin ?? "";
  const verifiers = places.map(({ verifier }) => verifier);
  const kept = openWitnessedNote(folder, origin, verifiers, nodeLogDisk);
  const standings = keepStandings(runtime, origin);

  const tell = ({ verifier }: WitnessPlace, found: WitnessFault): void => {
    const about = { reason: `${verifier.name}: ${found.says}` };
    if (found.fault === "contradicts") complain("A WITNESS CONTRADICTS THE EVIDENCE LOG", about);
    else complain(found.fault === "none" ? "a witness cosigns again" : "a witness does not cosign", about);
    standings.note({ key: verifier.vkey, origin, ...found, at: new Date(systemClock.now()).toISOString() });
  };
  const before = kept.checkpoint();
  if (before !== undefined && before.size > log.size()) {
    const says = `it has cosigned size ${before.size} of this log, which has ${log.size()}: the log went back`;
    for (const place of places.filter(({ verifier }) => kept.isBy(verifier)))
      tell(place, { fault: "contradicts", says });
  }
  const stood = standings.stood();
  const asker = createWitnessAsker({ log, witnesses: places, ask: askWitness, kept, clock: systemClock, stood, tell });
  asker.look();
  return {
    ...log,
    append: async (leaves) => {
      const numbers = await log.append(leaves);
      asker.look();
      return numbers;
    },
    close: async () => {
      await asker.close();
      await standings.settled();
      await log.close();
    },
  };
}

type Standings = {
  readonly stood: () => ReadonlyMap<string, Standing["fault"]>;
  /** The time of a fault stays that of its beginning. */
  readonly note: (standing: Standing) => void;
  readonly settled: () => Promise<void>;
};

/** How it stood before stays until there is news: a contradiction is not forgotten by starting again. */
function keepStandings(runtime: string, origin: string): Standings {
  const folder = logStateOf(path.join(runtime, "evidence", "log"));
  let all = readStandings(runtime).filter((standing) => standing.origin === origin);
  let writing = Promise.resolve();
  return {
    stood: () => new Map(all.map(({ key, fault }) => [key, fault])),
    note: (standing) => {
      const before = all.find(({ key }) => key === standing.key);
      const at = before?.fault === standing.fault ? before.at : standing.at;
      all = [...all.filter(({ key }) => key !== standing.key), { ...standing, at }];
      const bytes = Buffer.from(standingsText(all));
      writing = writing.then(() => replaceWhole(folder, STANDINGS_FILE, bytes, nodeLogDisk)).catch(() => undefined);
    },
    settled: () => writing,
  };
}
