/** Addresses of mail: what stands around each `@`, as far as it can belong to one. A name or a domain may have any letters. */
import type { Finder, Span } from "./span.ts";

const LOCAL = /[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]/u;
const DOMAIN = /[\p{L}\p{N}.-]*/uy;

export const emails: Finder = (text) => {
  const spans: Span[] = [];
  let done = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const start = startOf(text, at, done);
    const end = endOf(text, at + 1);
    if (start === at || end === at + 1 || isRepository(text, start, at, end)) continue;
    spans.push({ start, end });
    done = end;
  }
  return spans;
};

/** No further back than to the last address or the last `@`: so no character is looked at twice. */
function startOf(text: string, at: number, done: number): number {
  let start = at;
  while (start > done) {
    const isPair = start - 1 > done && /[\uDC00-\uDFFF]/.test(text.charAt(start - 1));
    const before = text.slice(start - (isPair ? 2 : 1), start);
    if (!LOCAL.test(before)) break;
    start -= before.length;
  }
  return start;
}

/** A domain has a dot within it; those at its end belong to the sentence. */
function endOf(text: string, from: number): number {
  DOMAIN.lastIndex = from;
  const [sent = ""] = DOMAIN.exec(text) ?? [];
  const domain = sent.replace(/^[.-].*$|[.-]{1,64}$/su, "");
  return domain.includes(".") ? from + domain.length : from;
}

/** `git@host:path` and `ssh://git@host/path` are nobody's address. */
const isRepository = (text: string, start: number, at: number, end: number): boolean =>
  /(?:^|\/)git$/.test(text.slice(start, at)) && /[:/]/.test(text.charAt(end));
