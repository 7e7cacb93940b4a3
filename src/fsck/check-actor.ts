/** One actor: its record against its journal, its rows against both, the bytes that it names, and what was sealed of it. */
import { machineFor } from "../../machines/index.ts";
import { addressOf, machineOf, type Address, type Sha256 } from "../core/ids.ts";
import { definitionOf } from "../engine/xstate-words.ts";
import type { StoreSurvey } from "../adapters/store-lmdb-survey.ts";
import type { IndexRow } from "../engine/ports.ts";
import { artifactsNamed, checkArtifact } from "./artifact-refs.ts";
import { checkEvidence, type EvidenceFacts, type EvidenceWorld } from "./check-evidence.ts";
import { checkInbox } from "./check-inbox.ts";
import { checkOrderFile } from "./check-order-file.ts";
import { checkIndex, checkRows, type Actor } from "./check-rows.ts";
import type { Finding } from "./findings.ts";
import { replay } from "./replay.ts";

export type ActorWorld = EvidenceWorld & {
  readonly survey: StoreSurvey;
  /** The row by which this run is found behind the first of its identity, when it is not that first one. */
  readonly isBehind: (run: string) => IndexRow | undefined;
  /** How many rows of the index name the actor of this ordinal. */
  readonly indexRows: (ordinal: number) => number;
};

/** Of one that is not sound it is not known what belongs to it. */
export type ActorChecked = EvidenceFacts & { readonly named: readonly Sha256[]; readonly isSound: boolean };

const NOTHING: EvidenceFacts = { claims: [], files: [], checkpoints: [] };

export function checkActor(actor: Actor, world: ActorWorld, found: (finding: Finding) => void): ActorChecked {
  const { record, journal } = actor;
  const { address } = record;
  const say = (findings: Iterable<Finding>): void => {
    for (const finding of findings) found(finding);
  };
  if (!actor.isWhole) found({ code: "RECORD_CHANGED", at: address, detail: "" });
  say(checkRows(actor, world.survey));
  say(checkIndex(actor, world.isBehind, world.indexRows(actor.ordinal), world.survey));
  const artifacts = artifactsNamed(record, journal);
  // While it is being erased its bytes go, before its journal does.
  if (!record.state.startsWith("erasing"))
    for (const [sha256, bytes] of artifacts) say(checkArtifact(sha256, bytes, world.survey.artifact, address));
  const named = [...artifacts.keys()];
  const isSound = checkJournal(actor, found);
  if (machineOf(address) !== "delivery") {
    // The pages of an erased run went with it, those that other actors wrote too.
    if (isSound && !isOfErased(record.address, world.survey)) {
      say(checkInbox(actor, world.dir));
      say(checkOrderFile(actor, world.dir));
    }
    return { ...NOTHING, named, isSound };
  }
  // Without its journal nothing can be said of what was sealed, and nothing wrong either.
  if (!isSound) return { ...NOTHING, named, isSound };
  say(checkInbox(actor, world.dir));
  return { ...checkEvidence(actor, world, found), named, isSound };
}

/** Of an actor that stands behind the name of its run. */
function isOfErased(address: Address, survey: Pick<StoreSurvey, "read">): boolean {
  const [machine, run = ""] = address.split("/");
  return isPartOfRun(machine) && (survey.read(addressOf(`delivery/${run}`))?.state.startsWith("eras") ?? false);
}

const isPartOfRun = (machine: string | undefined): boolean =>
  machine === "notice" || machine === "notification" || machine === "order";

/** False when no conclusions can be drawn from the journal. */
function checkJournal({ record, journal }: Actor, found: (finding: Finding) => void): boolean {
  const { address, sequence, parked } = record;
  const first = journal[0];
  const from = first?.event === "ERASED" ? first.seq : 0;
  const gap = journal.findIndex(({ seq }, at) => seq !== from + at);
  if (gap !== -1 || from + journal.length !== sequence) {
    const at = gap === -1 ? from + journal.length : from + gap;
    found({ code: "JOURNAL_GAP", at: address, detail: `entry ${at}, of ${sequence}` });
    return false;
  }
  // Set aside before it was born, or erased: there is nothing to tell again.
  if (first === undefined) {
    if (parked === null) found({ code: "JOURNAL_GAP", at: address, detail: "there is no entry" });
    return parked !== null;
  }
  if (first.event === "ERASED") {
    const state = journal.at(-1)?.to;
    if (state !== record.state) found({ code: "RECORD_DIFFERS", at: address, detail: "state" });
    return true;
  }
  return checkReplay({ record, journal }, found);
}

function checkReplay(
  { record, journal }: Pick<Actor, "record" | "journal">,
  found: (finding: Finding) => void,
): boolean {
  const { address } = record;
  const machine = machineFor(record.machine, record.version);
  if (machine === undefined) {
    found({ code: "MACHINE_UNKNOWN", at: address, detail: `${record.machine} ${record.version}` });
    return true;
  }
  const replayed = replay(machine, record, journal);
  if (replayed.kind === "same") return true;
  if (definitionOf(machine) !== record.definition) found({ code: "MACHINE_CHANGED", at: address, detail: "" });
  if (replayed.kind === "record") {
    found({ code: "RECORD_DIFFERS", at: address, detail: replayed.names.join(", ") });
    return true;
  }
  found({ code: "JOURNAL_DIFFERS", at: address, detail: `entry ${replayed.seq}: ${replayed.says}` });
  return false;
}
