/** By what two bodies are known to be one delivery's: their bytes, unless the sender is known to write one delivery in several ways. */
import { hash } from "node:crypto";
import { formFields, isForm } from "../core/form.ts";
import { sha256Of, type Sha256 } from "../core/ids.ts";
import { isArray, isJsonNumber, isObject, parsePayload, type PayloadValue } from "../core/json.ts";
import { JSON_DEPTH_MAX } from "../core/limits.ts";
import type { Sameness } from "../providers/provider.ts";

/** @param sha256 of the body: what it is known by when it is not of the form that the sender's rule is for */
export function samenessOf(
  body: Uint8Array,
  sha256: Sha256,
  contentType: string | undefined,
  rule: Sameness | null,
): Sha256 {
  const text = rule === null ? undefined : comparedText(body, contentType, rule);
  return text === undefined ? sha256 : sha256Of(hash("sha256", text, "hex"));
}

function comparedText(body: Uint8Array, contentType: string | undefined, rule: Sameness): string | undefined {
  switch (rule.kind) {
    case "without": {
      const parsed = parsePayload(body, { depthMax: JSON_DEPTH_MAX });
      if (parsed.kind === "unparsable" || !isObject(parsed.value)) return undefined;
      return written(new Map([...parsed.value].filter(([name]) => name !== rule.member)));
    }
    case "fields": {
      const fields = isForm(contentType) ? formFields(body) : undefined;
      const lines =
        fields && [...fields].map(([name, values]) => JSON.stringify([name, [...new Set(values)].toSorted()]));
      return lines?.toSorted().join("\n");
    }
  }
}

/** The JSON text of what was read: numbers verbatim, members in their order. */
function written(value: PayloadValue): string {
  if (isArray(value)) return `[${value.map(written).join(",")}]`;
  if (isObject(value))
    return `{${[...value].map(([name, one]) => `${JSON.stringify(name)}:${written(one)}`).join(",")}}`;
  return typeof value === "object" && value !== null && isJsonNumber(value) ? value.lexeme : JSON.stringify(value);
}
