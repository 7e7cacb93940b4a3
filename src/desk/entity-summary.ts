/** A page of `entities/` in a few lines: its first heading and its first paragraph. */
import { readHead } from "./page-head.ts";
import { cut, oneLine } from "./markdown.ts";

const HEADING_CHARACTERS_MAX = 200;
const PARAGRAPH_CHARACTERS_MAX = 600;

/** @param text the page, or its beginning */
export function summariseEntity(file: string, text: string): string {
  const head = readHead(text);
  const body = head.kind === "head" ? head.body : text;
  const lines = body.split(/\r?\n/);
  const heading = lines.map((line) => /^#{1,6}[ \t]+(.*)$/.exec(line)?.[1]).find((found) => found !== undefined);
  const start = lines.findIndex((line) => line.trim() !== "" && !/^#{1,6}(?:[ \t]|$)/.test(line));
  const after = start === -1 ? [] : lines.slice(start);
  const end = after.findIndex((line) => line.trim() === "" || /^#{1,6}(?:[ \t]|$)/.test(line));
  const paragraph = after.slice(0, end === -1 ? after.length : end).join(" ");
  return [
    `${oneLine(file)}${heading === undefined ? "" : `: ${short(heading, HEADING_CHARACTERS_MAX)}`}`,
    ...(paragraph === "" ? [] : [`  ${short(paragraph, PARAGRAPH_CHARACTERS_MAX)}`]),
  ].join("\n");
}

const short = (text: string, max: number): string => cut(oneLine(text).trim(), max, () => "…");
