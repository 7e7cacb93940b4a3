/** The document of a run, all but `integrity`, from its journal alone. */
import { assert } from "../core/assert.ts";
import type { Instant } from "../core/ids.ts";
import { Known, listOf, type Draft } from "./draft.ts";
import { isoOf, maskedIn, type SealInput, type Transition } from "./journal.ts";
import { Ledger } from "./ledger.ts";
import { intentOf, subjectOf } from "./subject.ts";

export const SCHEMA = "qoc.evidence/v1";

export type Identity = { readonly evidence_id: string; readonly kind: "envelope" | "amendment" };

export type Body = {
  readonly members: Readonly<Record<string, Draft>>;
  /** The names of the observations, in their order. */
  readonly observed: readonly string[];
  readonly sealed_at: string;
};

export function bodyOf(input: SealInput, identity: Identity): Body {
  const { birth, machine, entries, amends } = input;
  const last = entries.length - 1;
  const sealed_at = isoOf(lastInstant(entries));
  const ledger = new Ledger(input);
  const members = {
    schema: new Known(0, SCHEMA),
    evidence_id: new Known(0, identity.evidence_id),
    kind: new Known(0, identity.kind),
    amends: new Known(0, amends),
    generated_at: new Known(last, sealed_at),
    producer: new Known(0, birth.producer),
    intent: intentOf(input),
    subject: subjectOf(input),
    runner_context: new Known(0, {
      runner_type: "local",
      os: birth.runner.os,
      arch: birth.runner.arch,
      toolchain: [{ name: "node", value: birth.runner.node }],
    }),
    execution: {
      outcome: new Known(last, amends === null ? outcomeOf(entries) : "amended"),
      machine: new Known(0, { id: machine.id, version: machine.version, definition_sha256: machine.definition }),
      steps: listOf(ledger.steps, last),
    },
    artifacts: listOf(ledger.artifacts, last),
    observations: listOf(ledger.observations, last),
    redactions: listOf(redactionsIn(input), 0),
  };
  return { members, observed: ledger.observed, sealed_at };
}

/** What was masked: in what the run was born with, and in what redeliveries brought, each in the link that made it known. */
function redactionsIn({ birth, entries, amends }: SealInput): readonly Known[] {
  const born = amends === null ? (birth.filtered?.redactions ?? []) : [];
  return [
    ...born.map((masked) => new Known(0, { ...masked, timestamp: isoOf(birth.received_at) })),
    ...entries.flatMap((entry, link) => maskedIn(entry).map((masked) => new Known(link, masked))),
  ];
}

function lastInstant(entries: readonly Transition[]): Instant {
  const last = entries.at(-1);
  assert(last !== undefined, "a seal has at least one entry");
  return last.at;
}

function outcomeOf(entries: readonly Transition[]): string {
  const decided = entries
    .flatMap(({ observations }) => observations)
    .findLast(({ name }) => name === "outcome_decided")?.value;
  assert(typeof decided === "string", "a run is sealed after its outcome is decided");
  return decided;
}
