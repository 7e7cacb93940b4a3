/** The leaves of a document: each value that has no parts, under its JSON Pointer (RFC 6901). */
import { isArray, isObject, type IJsonValue } from "../core/json.ts";
import { canonical } from "../core/canonical.ts";

/** Leaves that always stand in clear. `/observations/N/value` is decided by `isOpen`. */
const OPEN = new RegExp(
  `^/(?:${[
    "schema",
    "kind",
    "evidence_id",
    "amends/evidence_id",
    "subject/anchored",
    "execution/outcome",
    "execution/steps/[0-9]+/(?:id|kind|status|exit_code)",
    "artifacts/[0-9]+/(?:id|kind)",
    "observations/[0-9]+/(?:id|name|state|at)",
  ].join("|")})$`,
);
const OBSERVED_VALUE = /^\/observations\/([0-9]+)\/value$/;

/**
 * Whether a leaf stands in clear in its link and can never be redacted. `json` is its canonical text, `nameOf` the name of the
 * observation at an index.
 */
export function isOpen(pointer: string, json: string, nameOf: (index: number) => string | undefined): boolean {
  if (OPEN.test(pointer)) return true;
  if (json !== "true" && json !== "false") return false;
  const index = OBSERVED_VALUE.exec(pointer)?.[1];
  return index !== undefined && nameOf(Number(index)) === "signature_verified";
}

export const pointerTo = (parent: string, name: string): string =>
  `${parent}/${name.includes("~") || name.includes("/") ? name.replaceAll("~", "~0").replaceAll("/", "~1") : name}`;

/** Each leaf's canonical text under its pointer. Recursive: the reader has bounded the depth. */
export function leavesOf(value: IJsonValue, pointer = "", found = new Map<string, string>()): Map<string, string> {
  if (isArray(value) && value.length > 0)
    for (const [index, item] of value.entries()) leavesOf(item, `${pointer}/${index}`, found);
  else if (isObject(value) && value.size > 0)
    for (const [name, part] of value) leavesOf(part, pointerTo(pointer, name), found);
  else found.set(pointer, canonical(value));
  return found;
}
