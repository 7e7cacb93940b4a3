/** What `qoc doctor` and `qoc status` say of signatures. A sender that stopped verifying loses deliveries; a stranger loses nothing. */
import type { StatusAnswer, WebhookSignatures } from "./answers.ts";
import { isLoss } from "../http/signature-health.ts";
import { type Check, counted, good, warning } from "./check.ts";

type Workspace = (typeof StatusAnswer)["_output"]["workspaces"][number];
type Failing = { readonly name: string; readonly signatures: WebhookSignatures };

export function signatureChecks(workspace: Workspace): readonly Check[] {
  const failing = failingOf(workspace);
  const told = [...failing.map(checkOf), ...workspace.webhooks.flatMap(knocksOf)];
  if (told.length > 0) return told;
  const { failed_signatures } = workspace;
  return [good("signatures", failed_signatures === 0 ? "none failed since the start" : "no webhook fails now")];
}

/** No sender's failures, and no alarm. */
function knocksOf({ name, signatures }: Workspace["webhooks"][number]): readonly Check[] {
  if (signatures === null || signatures.knocks.count === 0) return [];
  const { count, cause } = signatures.knocks;
  const last = cause === null ? "" : `; of one: ${cause.says}`;
  return [good("signatures", `${name}: ${counted(count, "unsigned request")} without a mark of its sender${last}`)];
}

/** One line; undefined when nothing that ever verified, or should, fails. */
export function failingLine(workspace: Workspace): string | undefined {
  const names = failingOf(workspace)
    .filter(({ signatures }) => isLoss(signatures))
    .map(({ name, signatures }) => `${name} ${counted(signatures.failed_since_verified, "time")}${since(signatures)}`);
  return names.length === 0 ? undefined : `signatures fail: ${names.join(", ")}: qoc doctor says why`;
}

const failingOf = ({ webhooks }: Workspace): readonly Failing[] =>
  webhooks.flatMap(({ name, signatures }) =>
    signatures !== null && signatures.failed_since_verified > 0 ? [{ name, signatures }] : [],
  );

function checkOf(failing: Failing): Check {
  const { name, signatures } = failing;
  const { cause, failed_since_verified: failed } = signatures;
  if (!isLoss(signatures)) {
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
