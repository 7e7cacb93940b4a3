/**
 * What is signed, as a template of literals and placeholders. A signature is over bytes alone: where the same bytes could be cut into
 * another id and another body, whoever saw one delivery could make others of it.
 */

export type Part =
  | { readonly kind: "literal"; readonly text: string; readonly bytes: Uint8Array }
  | { readonly kind: "body" | "timestamp" | "id"; readonly text: string };
/** `nearest`: a template without a fault that may be meant. */
export type TemplateFault = { readonly says: string; readonly nearest: string | null };

const PLACEHOLDER = /(\{(?:body|timestamp|id)\})/;
/** No signed id holds it. */
const SAFE_LITERAL = ".";

export const partsOf = (template: string): readonly Part[] =>
  template
    .split(PLACEHOLDER)
    .filter((text) => text !== "")
    .map(partOf);

function partOf(text: string): Part {
  switch (text) {
    case "{body}":
      return { kind: "body", text };
    case "{timestamp}":
      return { kind: "timestamp", text };
    case "{id}":
      return { kind: "id", text };
    default:
      return { kind: "literal", text, bytes: Buffer.from(text) };
  }
}

/**
 * Why this template could be cut in two ways; null when it cannot. An id is of any length: a literal must end it on either side, and a
 * body, which can hold every literal, must stand behind it.
 *
 * A time needs no literal, and may stand beside the body, as in Zendesk's `{timestamp}{body}`. It is digits without a leading zero, and is
 * refused unless it is within a day of the clock, where from 2001 to 2286 all times have as many digits: none of them can be cut longer or
 * shorter, then or later. Digits that the template itself puts at its edge are refused nevertheless: nobody is known to sign so.
 */
export function templateFault(template: string): TemplateFault | null {
  const parts = partsOf(template);
  const says = faultIn(parts);
  if (says === null) return null;
  const guess = separated(hasBodyBeforeId(parts) ? withBodyLast(parts) : parts);
  return { says, nearest: faultIn(partsOf(guess)) === null ? guess : null };
}

function faultIn(parts: readonly Part[]): string | null {
  if (hasBodyBeforeId(parts)) return "must have {body} behind {id}: a body can hold whatever stands between the two";
  if (parts.some((part, i) => touches(part, parts[i + 1])))
    return "must have something between {id} and what is beside it, or nobody can tell where one ends";
  if (between(parts, "timestamp").some((edge) => /[0-9]/.test(edge)))
    return "must not have a digit beside {timestamp}: it could be one of the time's";
  return null;
}

const hasBodyBeforeId = (parts: readonly Part[]): boolean => {
  const body = parts.findIndex(({ kind }) => kind === "body");
  return body !== -1 && body < parts.findLastIndex(({ kind }) => kind === "id");
};

const touches = (part: Part, next: Part | undefined): boolean =>
  next !== undefined &&
  part.kind !== "literal" &&
  next.kind !== "literal" &&
  (part.kind === "id" || next.kind === "id");

/**
 * The characters beside each placeholder of this kind, of those literals that stand between it and another. What opens or ends the
 * template does so at a known place, and is nobody's beginning or end.
 */
export const between = (parts: readonly Part[], kind: "id" | "timestamp"): readonly string[] =>
  parts.flatMap((part, i) => {
    if (part.kind !== kind) return [];
    const [before, behind] = [parts[i - 1], parts[i + 1]];
    return [
      ...(before?.kind === "literal" && i > 1 ? [before.text.slice(-1)] : []),
      ...(behind?.kind === "literal" && i + 2 < parts.length ? [behind.text.slice(0, 1)] : []),
    ];
  });

/** The body goes last, with the literal that stood behind it in front of it. */
function withBodyLast(parts: readonly Part[]): readonly Part[] {
  const at = parts.findIndex(({ kind }) => kind === "body");
  const behind = parts.slice(at + 1);
  const count = behind[0]?.kind === "literal" ? 1 : 0;
  return [...parts.slice(0, at), ...behind.slice(count), ...behind.slice(0, count), ...parts.slice(at, at + 1)];
}

const separated = (parts: readonly Part[]): string =>
  parts.map((part, i) => (touches(part, parts[i + 1]) ? part.text + SAFE_LITERAL : part.text)).join("");
