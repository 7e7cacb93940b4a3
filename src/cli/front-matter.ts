/** Reads the YAML head of a Markdown file, as far as it can be read: people edit these files. */
import { parse } from "yaml";

export function frontMatterOf(text: string): Readonly<Record<string, unknown>> {
  const head = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text)?.[1];
  if (head === undefined) return {};
  try {
    const read: unknown = parse(head, { maxAliasCount: 0, intAsBigInt: true });
    return typeof read === "object" && read !== null && !Array.isArray(read) ? { ...read } : {};
  } catch {
    return {};
  }
}

export const textAt = (head: Readonly<Record<string, unknown>>, key: string): string | null => {
  const value = head[key];
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" ? String(value) : null;
};
