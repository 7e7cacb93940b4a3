/** The inboxes of the desks that are served, each with what is kept of it in memory. */
import { createAgentFiles } from "./adapters/agent-files.ts";
import { createInboxFolder, type InboxFolder } from "./desk/inbox-folder.ts";
import type { NewInbox } from "./http/needs-you.ts";

export type Inboxes = {
  /** Of the desk in this folder: the same for as long as the daemon runs. */
  readonly inboxOf: (dir: string) => InboxFolder;
  readonly newInboxItems: (dir: string, limit: number) => Promise<NewInbox>;
};

/** @param dir is a desk's, and never a request's: whatever is asked for is kept */
export function createInboxes(): Inboxes {
  const folders = new Map<string, InboxFolder>();
  const inboxOf = (dir: string): InboxFolder => {
    const folder = folders.get(dir) ?? createInboxFolder(dir, createAgentFiles(dir));
    folders.set(dir, folder);
    return folder;
  };
  const newInboxItems: Inboxes["newInboxItems"] = async (dir, limit) => {
    const { items, ...found } = await inboxOf(dir).newItems(limit);
    return {
      ...found,
      items: items.map(({ file, title, at }) => ({ file, title, at: at === null ? null : new Date(at).toISOString() })),
    };
  };
  return { inboxOf, newInboxItems };
}
