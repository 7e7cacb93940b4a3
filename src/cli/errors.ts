/** How a command fails: what happened, why, what to try, and a code; never a stack trace for the world's faults. */
import { reasonOf } from "../core/assert.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

export type Failure = {
  readonly what: string;
  readonly why: string;
  readonly try?: string;
  readonly code: string;
  readonly exit: ExitCode;
};

export class CliError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.what);
    this.name = "CliError";
    this.failure = failure;
  }
}

export const usage = (what: string, why: string, hint: string): CliError =>
  new CliError({ what, why, try: hint, code: "USAGE", exit: exitCodes.usage });

const IO_CODES: Readonly<Record<string, ExitCode>> = {
  EACCES: exitCodes.notPermitted,
  EPERM: exitCodes.notPermitted,
  EROFS: exitCodes.cannotCreate,
  EEXIST: exitCodes.cannotCreate,
  ENOENT: exitCodes.notFound,
  ENOTDIR: exitCodes.notFound,
  EISDIR: exitCodes.notFound,
  ENOSPC: exitCodes.io,
  EIO: exitCodes.io,
  EADDRINUSE: exitCodes.tryLater,
};

/** Anything thrown, as a failure. What is not one of ours and not the system's is a bug of ours. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof CliError) return thrown.failure;
  const code = thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
  const exit = code === undefined ? undefined : IO_CODES[code];
  if (code !== undefined && exit !== undefined) {
    return { what: "The system refused an operation.", why: reasonOf(thrown), try: "qoc doctor", code, exit };
  }
  return {
    what: "qoc failed: this is a bug of qoc.",
    why: reasonOf(thrown),
    try: "the same command again with QOC_DEBUG=1, and a report with what it prints",
    code: "INTERNAL",
    exit: exitCodes.bug,
  };
}

/** Exit codes of the refusals that a command can meet. */
export function exitOfRefusal(code: string): ExitCode {
  switch (code) {
    case "RUN_UNKNOWN":
    case "ROUTE_UNKNOWN":
    case "DRAFT_UNKNOWN":
      return exitCodes.notFound;
    case "RUN_AMBIGUOUS":
      return exitCodes.usage;
    case "NOT_NOW":
    case "DRAFT_CHANGED":
    case "OVERLOADED":
    case "DRAINING":
    case "DISK_LOW":
    case "NOT_PERSISTED":
      return exitCodes.tryLater;
    case "TOKEN_INVALID":
    case "RUN_TOKEN":
    case "APPROVAL_REFUSED":
    case "ORIGIN_REFUSED":
    case "SIGNATURE_INVALID":
      return exitCodes.notPermitted;
    case "INTERNAL":
      return exitCodes.bug;
    default:
      return exitCodes.badData;
  }
}
