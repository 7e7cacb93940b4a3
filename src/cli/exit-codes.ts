/** What `qoc` exits with: sysexits numbers, so that scripts can tell "no" from "not now" from "not like this". */
export const exitCodes = {
  ok: 0,
  /** The question was answered, and the answer is no: an envelope does not verify, the daemon is not ready. */
  no: 1,
  usage: 64,
  badData: 65,
  notFound: 66,
  unreachable: 69,
  bug: 70,
  cannotCreate: 73,
  io: 74,
  tryLater: 75,
  notPermitted: 77,
  configuration: 78,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
