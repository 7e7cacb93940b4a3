/**
 * A witness: it cosigns a checkpoint only when the tree continues the one that it cosigned last, and remembers it before the
 * cosignature leaves. So no two of its cosignatures are of two histories of a log, whatever is asked of it and whenever it is killed.
 */
import { reasonOf } from "../core/assert.ts";
import {
  contradictionOf,
  readSubmission,
  type Submission,
  type WitnessRefusal,
  witnessRefusals,
} from "../evidence/log/add-checkpoint.ts";
import { type NoteSigner, signNote, type Verifier } from "../evidence/log/note.ts";
import type { WitnessMemory } from "./memory.ts";
import { createTurns } from "./turns.ts";

export type WitnessAnswer = {
  readonly status: number;
  readonly type: "text/plain; charset=utf-8" | "text/x.tlog.size";
  readonly body: string;
};

export type WitnessWorld = {
  /** The keys that the operator allowed for a log of this name. */
  readonly keysOf: (origin: string) => readonly Verifier[];
  readonly memory: WitnessMemory;
  readonly cosigner: (nowSeconds: number) => NoteSigner;
  readonly nowSeconds: () => number;
  /**
   * Told of a checkpoint that does not continue what was cosigned, by its root or by the proof that somebody sent along, and of a
   * memory that cannot be read or written: once of each for a log, until that has gone on.
   */
  readonly complain: (says: string) => void;
};

/** Requests for one log that wait for their turn. */
const WAITING_MAX = 32;

/** Answers the body of a request for `add-checkpoint`. Never rejects. */
export type Witness = (body: Uint8Array) => Promise<WitnessAnswer>;

export function createWitness(world: WitnessWorld): Witness {
  const turns = createTurns(WAITING_MAX);
  /** By origin. Anybody may send again what was refused. */
  const told = new Map<string, ReadonlySet<string>>();

  function complainOnce(origin: string, about: WitnessRefusal["code"] | "FAILED", says: string): void {
    const before = told.get(origin) ?? new Set<string>();
    if (before.has(about)) return;
    told.set(origin, new Set([...before, about]));
    world.complain(says);
  }

  /** One at a time for a log: what is compared is what was cosigned last until this is answered. */
  async function consider(submission: Submission): Promise<WitnessAnswer> {
    const { origin } = submission.checkpoint;
    const held = world.memory.recall(origin);
    const contradiction = contradictionOf(submission, held);
    if (contradiction !== undefined) {
      if (contradiction.code === "OLD_SIZE_OTHER") return sized(held.size);
      await accuse(submission, contradiction);
      return refusal(contradiction);
    }
    const cosignature = lineBy(world.cosigner(world.nowSeconds()), submission.text);
    // Also when nothing changed: what was found may be a name that no sync has reached yet.
    await world.memory.keep(origin, `${submission.note}${cosignature}`);
    if (submission.checkpoint.size > held.size) told.delete(origin);
    return plain(200, cosignature);
  }

  async function accuse({ checkpoint, note }: Submission, { code }: WitnessRefusal): Promise<void> {
    const { origin, size } = checkpoint;
    const says = `${origin} signed a checkpoint of size ${size} that is refused: ${witnessRefusals[code].says}`;
    complainOnce(origin, code, says);
    // A proof may be wrong without a second history; two roots for one size cannot.
    if (code === "ROOT_OTHER") await world.memory.accuse(origin, note);
  }

  return async (body) => {
    const read = readSubmission(body, world.keysOf);
    if (read.kind === "refused") return refusal(read);
    try {
      const answer = await turns(read.checkpoint.origin, () => consider(read));
      return answer ?? plain(503, "Too many requests for that log are waiting.\n");
    } catch (thrown) {
      complainOnce(read.checkpoint.origin, "FAILED", reasonOf(thrown));
      return plain(500, "The witness failed and cosigned nothing.\n");
    }
  };
}

/** The signature line alone, as it goes below the log's own. */
function lineBy(signer: NoteSigner, text: string): string {
  return signNote(text, [signer]).slice(text.length + 1);
}

const plain = (status: number, body: string): WitnessAnswer => ({ status, type: "text/plain; charset=utf-8", body });
const sized = (size: number): WitnessAnswer => ({ status: 409, type: "text/x.tlog.size", body: `${size}\n` });
const refusal = ({ code }: WitnessRefusal): WitnessAnswer => {
  const { status, says } = witnessRefusals[code];
  return plain(status, `${code}: ${says}\n`);
};
