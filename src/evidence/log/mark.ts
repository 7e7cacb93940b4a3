/** What stands in the log for an accepted delivery: a hash that says which run it was only to those who have its key. */
import { createHmac } from "node:crypto";

const LABEL = "qoc.evidence/v1/received\n";

/** `key` is the disclosure key of the run's envelope, 32 bytes. Gives 64 hex digits. */
export const markOf = (key: Uint8Array, evidenceId: string): string =>
  createHmac("sha256", key).update(`${LABEL}${evidenceId}`).digest("hex");
