/** The forms that rules know by name. All of them take linear time, whatever the text is. */
import { holdsJwt, secretForms } from "../evidence/pack/secret-forms.ts";
import { emails } from "./email.ts";
import { privateUrls } from "./private-url.ts";
import type { KnownForm } from "./rule.ts";
import type { Finder, Span } from "./span.ts";

/** What goes on behind the part that a form is known by. */
const TAIL = /[A-Za-z0-9_.~+/=-]*/y;
const KEY_END = /-----END [A-Z0-9 ]{0,64}-----/g;

/** Those that another name stands for. */
const OTHERS: ReadonlySet<string> = new Set(["bearer_token", "password_in_url"]);
const keyForms = secretForms
  .filter(({ name }) => !OTHERS.has(name))
  .map(({ name, pattern: { source, flags } }) => ({ name, pattern: new RegExp(source, `${flags}g`) }));

/** Keys and tokens as their issuers write them, each with its tail; private keys to their end; web tokens. */
const apiKeys: Finder = (text) => [
  ...keyForms.flatMap(({ name, pattern }) =>
    all(text, pattern, (from) => (name === "private_key" ? endOfKey(text, from) : endOfTail(text, from))),
  ),
  ...webTokens(text),
];

const BEARER = /(?<![A-Za-z0-9])bearer[ \t:=]{1,8}[A-Za-z0-9._~+/-]{8}/gi;
const bearerTokens: Finder = (text) => [...all(text, BEARER, (from) => endOfTail(text, from)), ...webTokens(text)];

const WORDS = /[A-Za-z0-9_.-]+/g;
function webTokens(text: string): readonly Span[] {
  if (!text.includes("eyJ")) return [];
  return [...text.matchAll(WORDS)].flatMap(({ 0: word, index }) => {
    const begin = word.indexOf("eyJ");
    return begin !== -1 && holdsJwt(word) ? [{ start: index + begin, end: index + word.length }] : [];
  });
}

/** Goes on behind the end of each, so that no character is looked at for two of them. */
function all(text: string, pattern: RegExp, endFrom: (from: number) => number): readonly Span[] {
  const spans: Span[] = [];
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const end = endFrom(pattern.lastIndex);
    spans.push({ start: found.index, end });
    pattern.lastIndex = end;
  }
  return spans;
}

function endOfTail(text: string, from: number): number {
  TAIL.lastIndex = from;
  TAIL.test(text);
  return TAIL.lastIndex;
}

/** A key without its last line is masked to the end of the text. */
function endOfKey(text: string, from: number): number {
  KEY_END.lastIndex = from;
  return KEY_END.test(text) ? KEY_END.lastIndex : text.length;
}

export const knownForms = {
  "api-key": apiKeys,
  "bearer-token": bearerTokens,
  email: emails,
  "private-url": privateUrls,
} as const satisfies Record<KnownForm, Finder>;
