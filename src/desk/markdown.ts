/** Texts of others inside a Markdown page: seen, and nothing else. */

/** One line, without characters that end lines, steer a terminal or turn the direction of writing. */
export const oneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu, " ");

/** Cuts behind `max` characters, never through a surrogate pair; `note` is given the length of the whole and follows the cut. */
export function cut(text: string, max: number, note: (length: number) => string): string {
  if (text.length <= max) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 1)) ? max - 1 : max;
  return text.slice(0, end) + note(text.length);
}

/** The text as a code span: no link, image or HTML in it comes to life. */
export function codeSpan(text: string): string {
  const line = oneLine(text);
  if (line.trim() === "") return "(empty)";
  const ticks = "`".repeat(longestTicks(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? " " : "";
  return ticks + pad + line + pad + ticks;
}

/** A fenced block that the text cannot close: its fence is longer than any run of backticks in it. */
export function fenced(text: string, language: string): string {
  const fence = "`".repeat(Math.max(3, longestTicks(text) + 1));
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}\n`;
}

/** Our own line of Markdown as a quotation. What it says of others stands in code spans. */
export const quotation = (line: string): string => `> ${oneLine(line)}\n`;

function longestTicks(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
