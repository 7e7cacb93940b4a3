import type { Sent } from "./ledger.ts";
import type { Run, StoppedDesk } from "./stopped-desk.ts";

/** One sentence about a stopped desk: gives the places where it does not hold. */
export type Check = (desk: StoppedDesk, sent: readonly Sent[]) => readonly string[];

/** The values of an observation of this name in a run's journal. */
export const observed = ({ journal }: Pick<Run, "journal">, name: string): readonly unknown[] =>
  journal.flatMap(({ observations }) => observations.filter((each) => each.name === name).map(({ value }) => value));
