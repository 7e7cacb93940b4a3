/** Where in the inbox somebody is, as the address bar has it. */

export type InboxPlace = {
  readonly workspace: string;
  readonly status: string;
  /** What stands open beside the list; both empty when nothing does. */
  readonly of: string;
  readonly file: string;
};

const FILE_LENGTH_MAX = 400;

export const inboxPlace = (query: URLSearchParams): InboxPlace => ({
  workspace: query.get("workspace") ?? "",
  status: query.get("status") ?? "",
  of: query.get("of") ?? "",
  file: (query.get("file") ?? "").slice(0, FILE_LENGTH_MAX),
});

export function placePath(place: InboxPlace): string {
  const query = new URLSearchParams(Object.entries(place).filter(([, value]) => value !== ""));
  const text = query.toString();
  return text === "" ? "/inbox" : `/inbox?${text}`;
}

/** Of one item, whatever the list is filtered by. */
export const inboxPath = ({ workspace, file }: { readonly workspace: string; readonly file: string }): string =>
  placePath({ workspace: "", status: "", of: workspace, file });

/** What the list is asked for with. */
export function inboxQuery(
  { workspace, status }: Pick<InboxPlace, "workspace" | "status">,
  cursor: string | null,
): string {
  const query = new URLSearchParams({ limit: "50" });
  if (workspace !== "") query.set("workspace", workspace);
  if (status !== "") query.set("status", status);
  if (cursor !== null) query.set("cursor", cursor);
  return `/api/inbox?${query.toString()}`;
}
