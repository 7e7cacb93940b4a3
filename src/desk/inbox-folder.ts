/**
 * The inbox of a desk as it lies there: a folder of any size that people, agents and the daemon write to. Names are sorted once for as long
 * as the folder stays as it is; of files those are read that are asked for, and of each no more than its head.
 */
import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { type Sha256, sha256Of } from "../core/ids.ts";
import { INBOX, type InboxStatus } from "../core/inbox.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import { type InboxHead, type InboxRead, readInboxPage, withInboxStatus } from "./inbox-page.ts";
import type { TaskFiles } from "./task-status.ts";

/** `file`: below the desk. `cut`: its text has more than is given. */
export type InboxItemHead = InboxHead & { readonly file: string };
export type InboxItemRead = InboxRead & { readonly file: string; readonly cut: boolean };
/** `count` of those that were looked at; `more` when older ones were not. */
export type NewInboxItems = {
  readonly items: readonly InboxItemHead[];
  readonly count: number;
  readonly more: boolean;
};

export interface InboxFolder {
  /** Of all items, the newest first, which is the order of their names backwards. */
  readonly names: () => Promise<readonly string[]>;
  /** Undefined for what is no file that can be opened, or is gone. */
  readonly head: (name: string) => Promise<InboxItemHead | undefined>;
  readonly item: (file: string) => Promise<InboxItemRead | Refusal>;
  /** Changes the status alone, durably, on top of whatever others write meanwhile. */
  readonly mark: (file: string, status: InboxStatus) => Promise<Refusal | { readonly kind: "marked" }>;
  /** The newest with the status `new`, at most so many; but for questions of approval, which the runs that wait for them tell of themselves. */
  readonly newItems: (limit: number) => Promise<NewInboxItems>;
}

const HEAD_BYTES_MAX = 8 * 1024;
const ITEM_BYTES_MAX = 256 * 1024;
/** A larger page is none that qoc wrote. */
const MARKED_BYTES_MAX = 4 * 1024 * 1024;
const NAME_BYTES_MAX = 255;
const NEW_LOOKED_MAX = 300;
/** As `approval-page.ts` writes it. */
const ASKING = "approval";
const HEADS_KEPT_MAX = 4_000;
const ATTEMPTS_MAX = 10;
/** A file that changed so lately may change again without another time: what is read of it is not kept. */
const SETTLED_MS = 100;
/** Reading all names takes no more than so small a part of the daemon's time, however often it is asked for. */
const NAMES_SHARE = 10;
const NAMES_AT_A_TIME = 5_000;
const HEADS_AT_A_TIME = 20;

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\]/u;

/** Others are no items: what no request could name is not listed. */
export const isItemName = (name: string): boolean =>
  name.endsWith(".md") && !name.startsWith(".") && !UNSEEN.test(name) && Buffer.byteLength(name) <= NAME_BYTES_MAX;

const fileOf = (name: string): string => `${INBOX}/${name}`;
const pathOf = (name: string) => ({ text: fileOf(name), parts: [INBOX, name] });
const hashOf = (bytes: Uint8Array): Sha256 => sha256Of(createHash("sha256").update(bytes).digest("hex"));

type Listed = {
  readonly names: readonly string[];
  readonly stamp: string;
  readonly at: number;
  readonly tookMs: number;
};

/** @param files opens nothing but regular files of the desk, over no link */
export function createInboxFolder(dir: string, files: TaskFiles, now: () => number = Date.now): InboxFolder {
  const folder = path.join(dir, INBOX);
  let listed: Listed | undefined;
  let listing: Promise<Listed> | undefined;
  const heads = new Map<string, { readonly stamp: string; readonly head: InboxItemHead }>();

  async function list(): Promise<Listed> {
    const began = now();
    const stamp = stampOf(folder);
    const all = await namesIn(folder);
    const found: string[] = [];
    for (let at = 0; at < all.length; at += NAMES_AT_A_TIME) {
      found.push(...all.slice(at, at + NAMES_AT_A_TIME).filter(isItemName));
      // oxlint-disable-next-line no-await-in-loop -- others have their turn
      await breathe();
    }
    listed = { names: found.toSorted().toReversed(), stamp: stamp ?? "", at: now(), tookMs: now() - began };
    return listed;
  }

  async function names(): Promise<readonly string[]> {
    if (listed !== undefined) {
      const age = now() - listed.at;
      // A clock that was set back says nothing of it.
      const isFresh = age >= 0 && age < listed.tookMs * NAMES_SHARE;
      if (isFresh || (listed.stamp !== "" && listed.stamp === stampOf(folder))) return listed.names;
    }
    listing ??= list().finally(() => (listing = undefined));
    return (await listing).names;
  }

  /** Undefined for what is not there or has changed a moment ago. At once: what waits for a thread waits behind every flush of the disk. */
  function stampOf(file: string): string | undefined {
    try {
      const { ino, size, mtimeMs, ctimeMs } = lstatSync(file);
      return now() - ctimeMs < SETTLED_MS ? undefined : `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    } catch {
      return undefined;
    }
  }

  async function head(name: string): Promise<InboxItemHead | undefined> {
    if (!isItemName(name)) return undefined;
    const stamp = stampOf(path.join(folder, name));
    const kept = heads.get(name);
    if (kept !== undefined && kept.stamp === stamp) return kept.head;
    const found = await files.read(pathOf(name), 0, HEAD_BYTES_MAX);
    if (found.kind === "refused") return undefined;
    const cut = found.size > found.bytes.length;
    const { fields: _fields, text: _text, ...said } = readInboxPage(name, found.bytes, { cut, brief: true });
    const read = { ...said, file: fileOf(name) };
    heads.delete(name);
    if (stamp !== undefined) heads.set(name, { stamp, head: read });
    for (const [oldest] of heads) {
      if (heads.size <= HEADS_KEPT_MAX) break;
      heads.delete(oldest);
    }
    return read;
  }

  async function newItems(limit: number): Promise<NewInboxItems> {
    const all = await names();
    const looked = all.slice(0, NEW_LOOKED_MAX);
    const found: InboxItemHead[] = [];
    for (const [at, name] of looked.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const each = await head(name);
      if (each?.status === "new" && each.kind !== ASKING) found.push(each);
      // oxlint-disable-next-line no-await-in-loop -- others have their turn
      if (at % HEADS_AT_A_TIME === HEADS_AT_A_TIME - 1) await breathe();
    }
    return { items: found.slice(0, limit), count: found.length, more: looked.length < all.length };
  }

  return {
    names,
    head,
    newItems,
    item: async (file) => {
      const name = nameIn(file);
      if (typeof name !== "string") return name;
      const found = await files.read(pathOf(name), 0, ITEM_BYTES_MAX);
      if (found.kind === "refused") return refusalOf(found, file);
      const cut = found.size > found.bytes.length;
      return { ...readInboxPage(name, found.bytes, { cut }), file, cut };
    },
    mark: (file, status) => mark(files, file, status),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}

/** Of a path `inbox/NAME.md`. */
function nameIn(file: string): string | Refusal {
  const name = file.startsWith(`${INBOX}/`) ? file.slice(INBOX.length + 1) : "";
  return isItemName(name) ? name : refuse("REQUEST_MALFORMED", `file: an item is called ${INBOX}/NAME.md`);
}

/** Reads, changes and replaces; begins anew when somebody wrote to the file in between. */
async function mark(
  files: TaskFiles,
  file: string,
  status: InboxStatus,
): Promise<Refusal | { readonly kind: "marked" }> {
  const name = nameIn(file);
  if (typeof name !== "string") return name;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each begins when the one before has failed
    const found = await files.read(pathOf(name), 0, MARKED_BYTES_MAX);
    if (found.kind === "refused") return refusalOf(found, file);
    if (found.size > found.bytes.length)
      return refuse("NOT_NOW", `${file} has more than ${MARKED_BYTES_MAX} bytes: change its status by hand`);
    const changed = withInboxStatus(found.bytes, status);
    if (changed === undefined)
      return refuse("NOT_NOW", `${file} has no front matter with one line \`status:\`: change it by hand`);
    if (Buffer.compare(changed, found.bytes) === 0) return { kind: "marked" };
    // oxlint-disable-next-line no-await-in-loop -- the same
    const placed = await files.replace(pathOf(name), changed, hashOf(found.bytes));
    if (placed.kind === "written") return { kind: "marked" };
    if (placed.because !== "changed") return refusalOf(placed, file);
  }
  return refuse("NOT_NOW", `${file} was changed again and again meanwhile`);
}

const refusalOf = ({ because, says }: { readonly because: string; readonly says: string }, file: string): Refusal =>
  because === "gone" ? refuse("NOT_FOUND", `there is no ${file}`) : refuse("NOT_NOW", `${file}: ${says}`);
