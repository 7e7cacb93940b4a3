/** Envelopes of a filtered delivery and of agent runs, and envelopes that the holder of the key could make and no desk would. */
import type { Level, VerifyCode } from "../../../src/evidence/verify.ts";
import { forged, resealed, type Loose } from "../../unit/evidence/support.ts";
import { agentRun, runByHand } from "./agent-runs.ts";
import type { Made } from "./case.ts";
import { envelopes as good } from "./desk.ts";

type Case = readonly [name: string, envelope: Uint8Array, level: Level, ...codes: readonly VerifyCode[]];
const { inbox, amendment1 } = good;
const chainOf = (d: Loose): Loose[] => d.integrity.hash_chain;

const cases: readonly Case[] = [
  [
    "day-that-is-none",
    resealed(inbox, (d) => (chainOf(d)[0].at = "2026-02-30T00:00:00.000Z")),
    "none",
    "SHAPE_INVALID",
  ],
  ["second-that-is-none", forged(inbox, (d) => (d.generated_at = "2026-06-30T23:59:60.000Z")), "none", "SHAPE_INVALID"],
  [
    "machine-without-hash",
    forged(inbox, (d) => (d.execution.machine.definition_sha256 = "A".repeat(64))),
    "none",
    "SHAPE_INVALID",
  ],
  [
    "chain-empty",
    resealed(inbox, (d) => (d.integrity.hash_chain = [])),
    "E0",
    "LEAF_UNCOVERED",
    "OBSERVATION_MISPLACED",
    "TIME_MISMATCH",
  ],
  [
    "moved-by-the-key-holder",
    resealed(inbox, (d) => (d.integrity.seal.origin = "localhost/other-desk")),
    "E0",
    "SEAL_MISMATCH",
  ],
  ["origin-without-host", resealed(inbox, (d) => (d.integrity.seal.origin = "equity-desk")), "E0", "SEAL_MISMATCH"],
  [
    "amendment-of-another-subject",
    resealed(amendment1, (d) => (d.subject.source = "github")),
    "E0",
    "AMENDMENT_MISMATCH",
    "COMMITMENT_MISMATCH",
  ],
  [
    "amendment-with-meta",
    resealed(amendment1, (d) => (d.subject.meta = [{ name: "ref", value: "main" }])),
    "E0",
    "AMENDMENT_MISMATCH",
    "LEAF_UNCOVERED",
    "POINTER_DANGLING",
  ],
  [
    "first-amendment-behind-another",
    resealed(amendment1, (d) => (d.amends.prev_seal_hash = "0".repeat(64))),
    "E0",
    "AMENDMENT_MISMATCH",
    "COMMITMENT_MISMATCH",
  ],
];

export const moreEnvelopes: Made = {
  files: {
    "envelopes/filtered.json": good.filtered,
    "envelopes/agent-run.json": agentRun,
    "envelopes/run-by-hand.json": runByHand,
    ...Object.fromEntries(cases.map(([name, envelope]) => [`envelopes/${name}_fail.json`, envelope])),
  },
  expected: {
    "envelopes/filtered": { level: "E2", codes: [] },
    "envelopes/agent-run": { level: "E2", codes: [] },
    "envelopes/run-by-hand": { level: "E2", codes: [] },
    ...Object.fromEntries(cases.map(([name, , level, ...codes]) => [`envelopes/${name}_fail`, { level, codes }])),
  },
};
