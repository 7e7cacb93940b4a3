/** Holds a stopped desk against what its senders were told. */
import { evidenceChecks } from "./evidence-checks.ts";
import type { Sent } from "./ledger.ts";
import { runChecks } from "./run-checks.ts";
import type { StoppedDesk } from "./stopped-desk.ts";

const PLACES_SHOWN = 5;

/** Empty when all is well. Says at most a few places of each kind. */
export function audit(desk: StoppedDesk, sent: readonly Sent[]): readonly string[] {
  return [...runChecks, ...evidenceChecks].flatMap((check) => {
    const found = check(desk, sent);
    const shown = found.slice(0, PLACES_SHOWN);
    return found.length > shown.length ? [...shown, `and ${found.length - shown.length} more of that kind`] : shown;
  });
}
