/**
 * The files of the log contradict each other, or this desk's key. Nothing is signed or published any more: a person must find out
 * what was restored, removed or changed, because going on could give two roots to one size.
 */
export class LogRefused extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`the evidence log is refused: ${reason}`);
    this.name = "LogRefused";
    this.reason = reason;
  }
}

/** Why a log must not go on in the place where it ended. */
export type EpochCause =
  /** The store was put back from a backup. */
  | "RESTORED"
  /** The log knows of seals that the store does not. */
  | "STORE_OLDER"
  /** The store knows of more leaves than the log has, or of others. */
  | "LOG_OLDER"
  /** The log of the next epoch was begun, and is not finished. */
  | "UNFINISHED";

/** Log and store do not belong together. A person decides: the other half is put back, or a new log begins. */
export class EpochNeeded extends LogRefused {
  readonly cause_code: EpochCause;
  constructor(cause_code: EpochCause, reason: string) {
    super(reason);
    this.name = "EpochNeeded";
    this.cause_code = cause_code;
  }
}
