/** The inbox of each desk: its items, one of them, and the one thing that a page changes in them. */
import type { FastifyInstance } from "fastify";
import { setImmediate as breathe } from "node:timers/promises";
import { isUuid } from "../core/ids.ts";
import type { InboxStatus as Status } from "../core/inbox.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import {
  InboxFile,
  InboxFileQuery,
  type InboxItem,
  InboxPage,
  InboxQuery,
  InboxStatus,
  InboxStatusBody,
} from "./shapes/inbox.ts";
import type { Field } from "./shapes/values.ts";
import { isoOf } from "./views.ts";

/** An item as it lies there; what is null is not said. Texts are anybody's. */
export type InboxHead = {
  readonly file: string;
  readonly kind: string | null;
  readonly status: string | null;
  readonly title: string;
  readonly at: number | null;
  readonly run: string | null;
};
/** The inbox of one desk. `file` is `inbox/NAME.md`; whatever else it is, is refused, and nothing rejects for what lies there. */
export type InboxDoor = {
  /** Of all items, in the order of their names backwards. */
  readonly names: () => Promise<readonly string[]>;
  readonly head: (name: string) => Promise<InboxHead | undefined>;
  readonly item: (
    file: string,
  ) => Promise<
    (InboxHead & { readonly fields: readonly Field[]; readonly text: string; readonly cut: boolean }) | Refusal
  >;
  readonly mark: (file: string, status: Status) => Promise<Refusal | { readonly kind: "marked" }>;
};
export type InboxWorld = ApiWorld & {
  /** Of the desk in this folder. */
  readonly inboxOf: (dir: string) => InboxDoor;
};

/** Files read for one page; a filter that matches few gives a short page with a cursor to go on from. */
const LOOKED_MAX = 400;
const LOOKED_AT_A_TIME = 20;

export function addInboxRoutes(app: FastifyInstance, world: InboxWorld): void {
  const doorOf = (workspace: string): InboxDoor | Refusal => {
    const desk = world.target.desks().find(({ name }) => name === workspace);
    return desk === undefined ? refuse("NOT_FOUND", "no such workspace is served here") : world.inboxOf(desk.dir);
  };

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/inbox",
      says: "Items of the inbox, the newest first by the names of their files.",
      query: InboxQuery,
      answer: { kind: "json", schema: "qoc.inbox.page/1", shape: InboxPage },
    },
    ({ query }) => inboxPage(world, query),
  );

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/inbox/item",
      says: "One item: its front matter as texts, and the Markdown below it as written.",
      query: InboxFileQuery,
      answer: { kind: "json", schema: "qoc.inbox.item/1", shape: InboxFile },
      refusals: ["NOT_FOUND", "NOT_NOW"],
    },
    async ({ query: { workspace, file } }) => {
      const door = doorOf(workspace);
      if (isRefusal(door)) return door;
      const found = await door.item(file);
      if (isRefusal(found)) return found;
      const { fields, text, cut } = found;
      return { ...itemOf(workspace, found), fields, text, cut };
    },
  );

  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/inbox/status",
      says: "Changes the status in an item's front matter, and nothing else of the file.",
      body: InboxStatusBody,
      answer: { kind: "json", schema: "qoc.inbox.status/1", shape: InboxStatus },
      refusals: ["NOT_FOUND", "NOT_NOW"],
    },
    async ({ body: { workspace, file, status } }) => {
      const door = doorOf(workspace);
      if (isRefusal(door)) return door;
      const marked = await door.mark(file, status);
      return isRefusal(marked) ? marked : { workspace, file, status };
    },
  );
}

const itemOf = (workspace: string, { file, kind, status, title, at, run }: InboxHead): InboxItem => ({
  workspace,
  file,
  kind: kind ?? "other",
  status: status ?? "unreadable",
  title,
  at: at === null ? null : isoOf(at),
  run: run !== null && isUuid(run) ? run : null,
});

type Place = { readonly workspace: string; readonly name: string };

async function inboxPage(
  world: InboxWorld,
  { workspace, status, limit, cursor }: InboxQuery,
): Promise<InboxPage | Refusal> {
  const from = cursor === undefined ? undefined : placeIn(cursor);
  if (cursor !== undefined && from === undefined) return refuse("REQUEST_MALFORMED", "cursor: not one of this list's");
  const desks = world.target.desks().filter(({ name }) => workspace === undefined || name === workspace);
  const doors = new Map(desks.map(({ name, dir }) => [name, world.inboxOf(dir)]));
  const lists = await Promise.all(
    [...doors].map(async ([name, door]) => ({ workspace: name, names: await door.names() })),
  );
  const items: InboxItem[] = [];
  let looked = 0;
  for (const place of merged(lists, from)) {
    looked += 1;
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as many as the page needs
    const head = await doors.get(place.workspace)?.head(place.name);
    const item = head && itemOf(place.workspace, head);
    if (item !== undefined && (status === undefined || item.status === status)) items.push(item);
    if (items.length === limit || looked === LOOKED_MAX) return { items, next: cursorOf(place), looked };
    // oxlint-disable-next-line no-await-in-loop -- others have their turn
    if (looked % LOOKED_AT_A_TIME === 0) await breathe();
  }
  return { items, next: null, looked };
}

/** All names backwards, those of one name by their workspace, behind `from`. */
function* merged(
  lists: readonly { readonly workspace: string; readonly names: readonly string[] }[],
  from: Place | undefined,
): Generator<Place> {
  const heads = lists
    .toSorted((a, b) => (a.workspace < b.workspace ? -1 : 1))
    .map(({ workspace, names }) => ({ workspace, names, at: from === undefined ? 0 : behind(names, workspace, from) }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      const name = head.names[head.at];
      if (name !== undefined && (first === undefined || name > (first.names[first.at] ?? ""))) first = head;
    }
    const name = first?.names[first.at];
    if (first === undefined || name === undefined) return;
    first.at += 1;
    yield { workspace: first.workspace, name };
  }
}

/** Where in these names, which are sorted backwards, what comes behind that place begins. */
function behind(names: readonly string[], workspace: string, from: Place): number {
  const isBehind = (name: string): boolean => name < from.name || (name === from.name && workspace > from.workspace);
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBehind(names[middle] ?? "")) high = middle;
    else low = middle + 1;
  }
  return low;
}

const cursorOf = ({ workspace, name }: Place): string => Buffer.from(`${workspace}/${name}`).toString("base64url");

/** Undefined for what is not a cursor of ours. */
function placeIn(cursor: string): Place | undefined {
  const [, workspace, name] = /^([a-z0-9-]+)\/([^/]+)$/su.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  return workspace === undefined || name === undefined ? undefined : { workspace, name };
}
