/** Of an amendment's pack: what is opened of its subject names the envelope that it amends. */
import { isArray, type IJsonValue } from "../../core/json.ts";
import type { Envelope } from "../envelope.ts";
import type { Finding } from "../verify-codes.ts";

/** `leaves` are the chain's, undefined where closed. */
export function* checkAmendedLeaves(
  leaves: ReadonlyMap<string, IJsonValue | undefined>,
  { amends }: Envelope,
): Iterable<Finding> {
  if (amends === null) return;
  const expected = new Map<string, IJsonValue>([
    ["/subject/kind", "evidence_envelope"],
    ["/subject/id", amends.evidence_id],
    ["/subject/source", "qoc"],
    ["/subject/anchored", false],
  ]);
  const isOther = (pointer: string, value: IJsonValue | undefined): boolean => {
    if (pointer.startsWith("/subject/meta")) return pointer !== "/subject/meta" || !isEmptyOrClosed(value);
    return value !== undefined && expected.has(pointer) && expected.get(pointer) !== value;
  };
  if ([...leaves].some(([pointer, value]) => isOther(pointer, value)))
    yield { code: "AMENDMENT_MISMATCH", at: "/subject" };
}

const isEmptyOrClosed = (value: IJsonValue | undefined): boolean =>
  value === undefined || (isArray(value) && value.length === 0);
