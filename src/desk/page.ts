/**
 * Pages that a person finds in the desk: made whole and placed once. An agent can write in the same folders, so nothing that a file says makes
 * it a page of ours: only its very bytes do. A page that a person edits before a crash makes it again is there a second time.
 */
import { hash } from "node:crypto";
import type { FileWritten } from "../core/files-written.ts";
import { sha256Of, type Instant } from "../core/ids.ts";

export type Page = {
  /** File names, the preferred one first. */
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
};

export type PageFolder = "inbox" | "snapshots";

/** Puts a page there, durably and once; gives the path that it has below the desk. */
export type PlacePage = (folder: PageFolder, page: Page) => Promise<string>;

/** The page under this path, as it is remembered: with the hash of its bytes, whatever a person has made of them since. */
export const writtenAs = (file: string, { bytes }: Pick<Page, "bytes">): FileWritten => ({
  file,
  content: sha256Of(hash("sha256", bytes, "hex")),
});

/** All names that it may have. The last is of its bytes: whoever takes the others, to keep it from a person, does not know those. */
export const namesOf = ({ names, bytes }: Page): readonly string[] => {
  const [first = "page.md"] = names;
  return [...names, `${first.slice(0, -".md".length)}-${hash("sha256", bytes, "hex").slice(0, 16)}.md`];
};

/** A webhook's name within a file's: what stands for one where a person began the run has characters that a shell reads. */
export const inFileName = (webhook: string): string => webhook.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "");

/** `2026-07-05T14-22-00Z`. */
export const stampOf = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
