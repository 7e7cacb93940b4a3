/**
 * The desk's files as an agent may reach them, through the daemon. No link is followed in any part of a path, also not one that is put
 * there between two calls; nothing but regular files and folders is opened; and what has a second name anywhere is refused, because it may
 * be a file from outside of the desk. Refusals are sentences for the agent. A rejection is the disk's own failure.
 */
import type { Sha256 } from "../core/ids.ts";
import type { DeskPath } from "./desk-paths.ts";

export type FileRefused = {
  readonly kind: "refused";
  /** `gone`: there is no such file. `taken`: something has that name. `changed`: it is not what the caller wrote last. */
  readonly because: "gone" | "taken" | "changed" | "unsafe";
  readonly says: string;
};

export type FileSlice = { readonly kind: "read"; readonly bytes: Uint8Array; readonly size: number };
/** `link` and `other` are named, never opened. The size is a file's. */
export type Listed = {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly size: number | null;
};
/** Sorted by name. `more`: the folder has others behind them. `looked`: names that were gone through for that. */
export type FolderListed = {
  readonly kind: "listed";
  readonly entries: readonly Listed[];
  readonly more: boolean;
  readonly looked: number;
};
/** `after`: the name to begin behind, "" for the first. Of a folder with more than `looked_max` names, some are never seen. */
export type ListPage = { readonly after: string; readonly entries_max: number; readonly looked_max: number };
export type Written = { readonly kind: "written" };

export interface AgentFiles {
  /** At most `bytesMax` bytes from `offset` on, and how many the file has in all. */
  readonly read: (path: DeskPath, offset: number, bytesMax: number) => Promise<FileSlice | FileRefused>;
  readonly list: (path: DeskPath, page: ListPage) => Promise<FolderListed | FileRefused>;
  /** Makes a file that was not there, whole or not at all, and the folders above it. */
  readonly place: (path: DeskPath, bytes: Uint8Array) => Promise<Written | FileRefused>;
  /**
   * Puts other bytes in the place of a file whose bytes have this hash, whole or not at all. It looks again right before; what another
   * process writes in the instant between that look and the change of names is lost.
   */
  readonly replace: (path: DeskPath, bytes: Uint8Array, expected: Sha256) => Promise<Written | FileRefused>;
}
