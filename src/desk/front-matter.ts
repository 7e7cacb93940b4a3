/**
 * YAML front matter that no sender can break. The `yaml` library lays out the mapping; how a scalar is written is decided here:
 * a sender's text stands plain when every YAML reader, 1.1 or 1.2, takes it for that text, and as a JSON string otherwise, which
 * is YAML too and always one line. A sender's number stands as it was written.
 */
import { Document, Pair, Scalar, YAMLMap, type ScalarTag } from "yaml";
import { isJsonNumber, type JsonNumber } from "../core/json.ts";

export type ScalarValue = string | boolean | null | JsonNumber;
export type Entries = readonly (readonly [key: string, value: ScalarValue | Entries])[];

/** The mapping between its two `---` lines. Keys must be unique. */
export function frontMatter(entries: Entries): string {
  const document = new Document(null, { customTags: () => ["map", asWritten] });
  document.contents = mapping(entries);
  return `---\n${escapeUnseen(document.toString())}---\n`;
}

/** A line as the front matter has it at its top level: to find one of ours again, and to list what a sender names. */
export const topLevelLine = (key: string, value: ScalarValue): string =>
  escapeUnseen(`${source(key)}: ${source(value)}`);

const asWritten: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  identify: (value) => typeof value === "string",
  resolve: String,
  stringify: ({ value }) => String(value),
};

function mapping(entries: Entries): YAMLMap {
  const map = new YAMLMap();
  for (const [key, value] of entries) {
    const node = isEntries(value) ? mapping(value) : new Scalar(source(value));
    map.items.push(new Pair(new Scalar(source(key)), node));
  }
  return map;
}

const isEntries = (value: ScalarValue | Entries): value is Entries => Array.isArray(value);

const PLAIN = /^[A-Za-z](?:[\w ./@-]*[\w./@-])?$/;
const OTHER_THAN_TEXT = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

function source(value: ScalarValue): string {
  if (typeof value === "string")
    return PLAIN.test(value) && !OTHER_THAN_TEXT.test(value) ? value : JSON.stringify(value);
  return isJsonNumber(value) ? value.lexeme : String(value);
}

/**
 * Characters that YAML forbids, that some readers take for a line break, or that turn the direction of what stands around them.
 * They occur in JSON strings only, as `PLAIN` has none of them.
 */
const UNSEEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;

const escapeUnseen = (text: string): string =>
  text.replace(UNSEEN, (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, "0")}`);
