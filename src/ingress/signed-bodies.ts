/**
 * The bodies that may have been signed when this one was received: each is what came, with one common rewriting by proxies and
 * frameworks undone. Numbers keep the digits they came with, so what rewrote them too cannot be undone here.
 */
import { isForm } from "../core/form.ts";
import { isArray, isJsonNumber, isObject, parsePayload, type PayloadValue } from "../core/json.ts";

/** `says` completes "the signature holds over …". */
export type SignedBody = { readonly body: Uint8Array; readonly says: string };

/** A JSON text's manner: what stands between items and behind names, how deep it indents, what it escapes without need. */
type Manner = {
  readonly comma: string;
  readonly colon: string;
  readonly indent: string;
  readonly escape: (text: string) => string;
  readonly says: string;
};

const DEPTH_MAX = 32;

const asIs = (text: string): string => text;
const asciiOnly = (text: string): string =>
  text.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const withoutSlashes = (text: string): string => asciiOnly(text).replaceAll("/", "\\/");

/** As JavaScript, Go and Java write it; as Python does; as people like to read it; as PHP does. */
const manners: readonly [Manner, ...Manner[]] = [
  { comma: ",", colon: ":", indent: "", escape: asIs, says: "the same JSON without blanks" },
  { comma: ", ", colon: ": ", indent: "", escape: asciiOnly, says: "the same JSON with blanks and ASCII alone" },
  { comma: ",", colon: ": ", indent: "  ", escape: asIs, says: "the same JSON indented by two" },
  { comma: ",", colon: ":", indent: "", escape: withoutSlashes, says: "the same JSON with slashes escaped" },
  { comma: ",", colon: ":", indent: "", escape: asciiOnly, says: "the same JSON with ASCII alone" },
  { comma: ", ", colon: ": ", indent: "", escape: asIs, says: "the same JSON with blanks" },
  { comma: ",", colon: ": ", indent: "    ", escape: asIs, says: "the same JSON indented by four" },
];

/**
 * Each differs from what came and from those before it. Made one by one: whoever has found the right one stops. For small bodies
 * alone, because indenting makes a deep one many times longer.
 */
export function* signedBodies(received: Uint8Array, contentType: string | undefined): Generator<SignedBody> {
  const seen: Uint8Array[] = [received];
  for (const { text, says, encoding = "utf8" } of texts(received, contentType)) {
    const body = Buffer.from(text, encoding);
    if (seen.some((each) => body.equals(each))) continue;
    seen.push(body);
    yield { body, says };
  }
}

type Written = { readonly text: string; readonly says: string; readonly encoding?: "utf8" | "latin1" };

function* texts(received: Uint8Array, contentType: string | undefined): Generator<Written> {
  const text = utf8Of(received);
  if (text === undefined) return;
  yield { text: text.replace(/\r?\n$/, ""), says: "the body without its final line end" };
  yield* jsonTexts(text);
  yield { text: `${text}\n`, says: "the body with a final line end" };
  yield { text: text.replaceAll("\r\n", "\n"), says: "the body with the line ends of Unix" };
  yield { text: text.replaceAll(/\r?\n/g, "\r\n"), says: "the body with the line ends of Windows" };
  if (text.startsWith("\ufeff")) yield { text: text.slice(1), says: "the body without its byte order mark" };
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u00ff]*$/.test(text))
    yield { text, encoding: "latin1", says: "the body before it was read as Latin-1 and written as UTF-8" };
  yield* formTexts(text, contentType);
}

function* jsonTexts(text: string): Generator<Written> {
  const parsed = parsePayload(text, { depthMax: DEPTH_MAX });
  if (parsed.kind === "unparsable") return;
  const [first, ...others] = manners;
  const plainest = written(parsed.value, first, "");
  yield { text: plainest, says: first.says };
  for (const manner of others) {
    // What has nothing to escape is the same in another manner.
    if (manner.escape !== asIs && manner.escape(plainest) === plainest) continue;
    yield { text: written(parsed.value, manner, ""), says: manner.says };
  }
}

function* formTexts(text: string, contentType: string | undefined): Generator<Written> {
  if (!isForm(contentType)) {
    const form = new URLSearchParams({ payload: text });
    yield { text: form.toString(), says: "the form that it was the field payload of" };
    return;
  }
  const form = new URLSearchParams(text);
  const payload = form.get("payload");
  if (payload !== null) yield { text: payload, says: "what the form's field payload holds" };
  const encoded = form.toString();
  yield { text: encoded, says: "the same form, encoded anew" };
  yield { text: encoded.replaceAll("+", "%20"), says: "the same form with its blanks as %20" };
}

function written(value: PayloadValue, manner: Manner, before: string): string {
  if (isJsonNumber(value)) return value.lexeme;
  if (typeof value === "string") return manner.escape(JSON.stringify(value));
  const inner = before + manner.indent;
  if (isArray(value))
    return enclosed(
      "[",
      "]",
      value.map((each) => written(each, manner, inner)),
      manner,
      before,
    );
  if (!isObject(value)) return String(value);
  const members = [...value].map(
    ([name, each]) => manner.escape(JSON.stringify(name)) + manner.colon + written(each, manner, inner),
  );
  return enclosed("{", "}", members, manner, before);
}

function enclosed(open: string, close: string, items: readonly string[], manner: Manner, before: string): string {
  if (items.length === 0 || manner.indent === "") return open + items.join(manner.comma) + close;
  const inner = `\n${before}${manner.indent}`;
  return `${open}${inner}${items.join(manner.comma + inner)}\n${before}${close}`;
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
