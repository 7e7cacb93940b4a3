/** Why a daemon does not start on a log and a store that do not belong together, and what a person can do. */
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";

const NEW_EPOCH = "qoc log epoch --new --reason TEXT";

const causes = {
  RESTORED: {
    code: "LOG_RESTORED",
    what: "a backup was restored, and its log must not go on where it ended",
    why: "Seals that were logged since may be out there: going on would give one size two roots.",
    try: NEW_EPOCH,
  },
  STORE_OLDER: {
    code: "LOG_AHEAD_OF_STORE",
    what: "the store is older than its evidence log",
    why: "What the log has of runs that are gone from the store would be sealed a second time, and otherwise.",
    try: `put the store back that belongs to .qoc/log-state, or, when it is lost, ${NEW_EPOCH}`,
  },
  LOG_OLDER: {
    code: "LOG_BEHIND_STORE",
    what: "the evidence log is older than the store",
    why: "Going on would give sizes that were signed before a second root.",
    try: `put back .qoc/evidence and .qoc/log-state as they were last, or, when they are lost, ${NEW_EPOCH}`,
  },
  UNFINISHED: {
    code: "EPOCH_UNFINISHED",
    what: "a new epoch of its evidence log was begun and not finished",
    why: "The same command goes on where it ended.",
    try: NEW_EPOCH,
  },
} as const;

export const epochNeeded = (cause: keyof typeof causes, reason: string): CliError => {
  const { code, what, why, try: hint } = causes[cause];
  return new CliError({
    what: `The daemon does not start: ${what}.`,
    why: `${reason[0]?.toUpperCase() ?? ""}${reason.slice(1)}. ${why}`,
    try: hint,
    code,
    exit: exitCodes.badData,
  });
};
