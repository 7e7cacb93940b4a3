import { machineOf, type Address } from "../../src/core/ids.ts";
import type { ActorRecord, Entry } from "../../src/engine/ports.ts";
import type { SimEnd } from "./sim-world.ts";

/** Says of a world that has come to rest where it does not hold. */
export type Invariant = (end: SimEnd) => readonly string[];
export type Run = { readonly address: Address; readonly record: ActorRecord; readonly journal: readonly Entry[] };

export const actorsOf = ({ state }: SimEnd, machine: string): readonly Run[] =>
  [...state.actors]
    .filter(([address]) => machineOf(address) === machine)
    .map(([address, record]) => ({ address, record, journal: state.journals.get(address) ?? [] }));

export const isErased = ({ record }: Run): boolean => record.state === "erased";
/** Of those that were erased nothing is left to look at but this: see `sim-erasure-invariants.ts`. */
export const runsOf = (end: SimEnd): readonly Run[] => actorsOf(end, "delivery").filter((run) => !isErased(run));
export const erasedIn = (end: SimEnd): readonly Run[] => actorsOf(end, "delivery").filter(isErased);

/** The values of an observation of this name. */
export const valuesOf = (journal: readonly Entry[], name: string): readonly unknown[] =>
  journal.flatMap(({ observations }) => observations.filter((each) => each.name === name).map(({ value }) => value));
