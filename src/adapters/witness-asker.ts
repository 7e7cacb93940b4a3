/**
 * Asks the witnesses of a desk for cosignatures, in rounds: all that have not cosigned the published checkpoint are asked for the same
 * one, so that their cosignatures come together in one note. Nothing waits for it: not sealing, and stopping only for a file that is
 * being written.
 */
import { reasonOf } from "../core/assert.ts";
import type { Clock } from "../engine/ports.ts";
import type { AddCheckpoint } from "../evidence/log/add-checkpoint.ts";
import type { LogReceipts } from "./log-receipts.ts";
import type { AskWitness, WitnessPlace, WitnessReply } from "./witness-client.ts";
import type { WitnessedNote } from "./witnessed-note.ts";

export type WitnessFault = { readonly fault: "none" | "unreachable" | "contradicts"; readonly says: string };

export type WitnessAskerParts = {
  readonly log: Pick<LogReceipts, "checkpoint" | "size" | "consistency">;
  readonly witnesses: readonly WitnessPlace[];
  readonly ask: AskWitness;
  readonly kept: WitnessedNote;
  readonly clock: Pick<Clock, "now" | "after">;
  /** How it stood with them before, by vkey. */
  readonly stood: ReadonlyMap<string, WitnessFault["fault"]>;
  /** Told when it changes how it stands with a witness, and each time that one contradicts the log. */
  readonly tell: (place: WitnessPlace, fault: WitnessFault) => void;
};

export type WitnessAsker = {
  /** A checkpoint was published. */
  readonly look: () => void;
  /** Resolves when nothing is under way any more; requests are broken off. */
  readonly close: () => Promise<void>;
};

/** From the beginning of one round to that of the next. */
const APART_MS = 1_000;
const BACKOFF_MS_MAX = 5 * 60_000;
/** Doublings, not to count beyond what the ceiling needs. */
const FAILURES_MAX = 10;

type Cosigned = Extract<WitnessReply, { readonly kind: "cosigned" }>;

type Asked = {
  readonly place: WitnessPlace;
  /** The size that it cosigned last, as far as is known here. */
  known: number;
  /** What it has cosigned for this very log while it was asked. */
  cosigned: number;
  failures: number;
  retryAt: number;
  fault: WitnessFault["fault"];
  /** Whether its fault was told since this began. */
  isTold: boolean;
};

export function createWitnessAsker(parts: WitnessAskerParts): WitnessAsker {
  const { log, witnesses, ask, kept, clock, stood, tell } = parts;
  const size = kept.checkpoint()?.size ?? 0;
  const all = witnesses.map((place): Asked => {
    const known = kept.isBy(place.verifier) ? size : 0;
    const fault = stood.get(place.verifier.vkey) ?? "none";
    return { place, known, cosigned: known, failures: 0, retryAt: 0, fault, isTold: false };
  });
  const stopping = new AbortController();
  let round: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let begunAt = -Infinity;

  const isBehind = ({ cosigned }: Asked): boolean => cosigned < log.size();

  /** When the next round is due; undefined when nobody has anything to cosign. */
  function dueAt(): number | undefined {
    const waiting = all.filter(isBehind).map(({ retryAt }) => retryAt);
    return waiting.length === 0 ? undefined : Math.max(begunAt + APART_MS, Math.min(...waiting));
  }

  function look(): void {
    if (stopping.signal.aborted || round !== undefined) return;
    cancel?.();
    const now = clock.now();
    // When the clock was set back, nothing waits longer for it than it would have.
    begunAt = Math.min(begunAt, now);
    for (const each of all) each.retryAt = Math.min(each.retryAt, now + BACKOFF_MS_MAX);
    const due = dueAt();
    cancel = due === undefined ? undefined : clock.after(Math.max(0, due - now), begin);
  }

  function begin(): void {
    cancel = undefined;
    const now = clock.now();
    begunAt = now;
    const note = log.checkpoint();
    const asked = all.filter((each) => isBehind(each) && each.retryAt <= now);
    round = Promise.all(asked.map((each) => turn(each, note, log.size()))).then(() => {
      round = undefined;
      look();
    });
  }

  async function turn(asked: Asked, note: string, target: number): Promise<void> {
    const request = requestFor(asked, note, target);
    const reply = request === undefined ? unprovable : await ask(asked.place, request, stopping.signal);
    if (stopping.signal.aborted && reply.kind !== "cosigned") return;
    take(asked, reply.kind === "cosigned" ? await keep(asked, reply, note, target) : reply, target);
  }

  /** A cosignature counts once it is on the disk; what the witness has cosigned is known before that. */
  async function keep(asked: Asked, reply: Cosigned, note: string, target: number): Promise<WitnessReply> {
    asked.known = target;
    try {
      await kept.add(note, asked.place.verifier, reply.line);
      return reply;
    } catch (thrown) {
      return { kind: "failed", reason: `its cosignature cannot be kept: ${reasonOf(thrown)}` };
    }
  }

  function requestFor({ known }: Asked, note: string, target: number): AddCheckpoint | undefined {
    const old = Math.min(known, target);
    try {
      return { old, proof: log.consistency(old), note };
    } catch {
      return undefined;
    }
  }

  function take(asked: Asked, reply: WitnessReply, target: number): void {
    switch (reply.kind) {
      case "cosigned":
        [asked.known, asked.cosigned, asked.failures, asked.retryAt] = [target, target, 0, 0];
        if (asked.fault !== "none") tell(asked.place, { fault: "none", says: "it cosigns again" });
        asked.fault = "none";
        return;
      case "elsewhere":
        asked.known = reply.size;
        // Nobody else appends to this log: a size beyond ours was ours once.
        if (reply.size > log.size())
          return failed(
            asked,
            "contradicts",
            `it has cosigned size ${reply.size} of this log, which has ${log.size()}: the log went back`,
          );
        backOff(asked);
        return;
      case "contradicts":
        return failed(
          asked,
          "contradicts",
          "it has cosigned another tree of this log than the one that is here: two histories",
        );
      case "failed":
        return failed(asked, "unreachable", reply.reason);
    }
  }

  function backOff(asked: Asked): void {
    asked.failures = Math.min(asked.failures + 1, FAILURES_MAX);
    asked.retryAt = clock.now() + Math.min(BACKOFF_MS_MAX, APART_MS * 2 ** (asked.failures - 1));
  }

  function failed(asked: Asked, fault: "unreachable" | "contradicts", says: string): void {
    backOff(asked);
    // One that contradicted and cannot be reached now still has what it has.
    if (fault === "unreachable" && (asked.fault === "contradicts" || (asked.fault !== "none" && asked.isTold))) return;
    [asked.fault, asked.isTold] = [fault, true];
    tell(asked.place, { fault, says });
  }

  return {
    look,
    close: async () => {
      stopping.abort();
      cancel?.();
      await round;
    },
  };
}

const unprovable: WitnessReply = { kind: "failed", reason: "no proof can be made from the size that it has cosigned" };
