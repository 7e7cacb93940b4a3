/** What `qoc doctor` and `qoc status` say of signatures. A sender that stopped verifying loses deliveries; a stranger loses nothing. */
import type { StatusAnswer, WebhookSignatures } from "./answers.ts";
import { type Check, counted, good, warning } from "./check.ts";

type Workspace = (typeof StatusAnswer)["_output"]["workspaces"][number];
type Failing = { readonly name: string; readonly signatures: WebhookSignatures };

export function signatureChecks(workspace: Workspace): readonly Check[] {
  const failing = failingOf(workspace);
  if (failing.length > 0) return failing.map(checkOf);
  const { failed_signatures } = workspace;
  return [good("signatures", failed_signatures === 0 ? "none failed since the start" : "no webhook fails now")];
}

/** One line; undefined when nothing that ever verified, or should, fails. */
export function failingLine(workspace: Workspace): string | undefined {
  const names = failingOf(workspace)
    .filter(isLoss)
    .map(({ name, signatures }) => `${name} ${counted(signatures.failed_since_verified, "time")}${since(signatures)}`);
  return names.length === 0 ? undefined : `signatures fail: ${names.join(", ")}: qoc doctor says why`;
}

const failingOf = ({ webhooks }: Workspace): readonly Failing[] =>
  webhooks.flatMap(({ name, signatures }) =>
    signatures !== null && signatures.failed_since_verified > 0 ? [{ name, signatures }] : [],
  );

/** Whoever signs with a key that is nearly ours is no stranger, even if nothing ever verified. */
const isLoss = ({ signatures }: Failing): boolean => signatures.used_to_verify || signatures.cause?.sure === "proved";

function checkOf(failing: Failing): Check {
  const { name, signatures } = failing;
  const { cause, failed_since_verified: failed } = signatures;
  if (!isLoss(failing)) {
    const last = cause === null ? "" : `; of one: ${cause.says}`;
    return good(
      "signatures",
      `${name}: ${failed} unsigned or wrongly signed ${failed === 1 ? "request" : "requests"}; none ever verified${last}`,
    );
  }
  const before = signatures.used_to_verify ? "used to verify and fails now" : "never verified";
  const why = cause === null ? "" : `; likeliest cause (${cause.sure}): ${cause.says}`;
  return warning(
    "signatures",
    `${name} ${before}: ${counted(failed, "failure")}${since(signatures)}${why}`,
    cause?.try ?? "qoc logs --tail 200",
  );
}

/** To the minute, in UTC. */
const since = ({ failing_since }: WebhookSignatures): string =>
  failing_since === null ? "" : ` since ${failing_since.slice(0, 16).replace("T", " ")} UTC`;
