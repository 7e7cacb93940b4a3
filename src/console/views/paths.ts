/** Which view a path shows. */

export type ViewName = "needs-you" | "runs" | "inbox" | "endpoints" | "envelopes" | "health";

export type View =
  | { readonly kind: "list"; readonly name: ViewName }
  | { readonly kind: "run"; readonly run: string }
  | { readonly kind: "unknown" };

type Listed = { readonly name: ViewName; readonly path: string; readonly title: string };

/** In the order in which the navigation shows them. */
export const views: readonly Listed[] = [
  { name: "needs-you", path: "/", title: "Needs you" },
  { name: "runs", path: "/runs", title: "Runs" },
  { name: "inbox", path: "/inbox", title: "Inbox" },
  { name: "endpoints", path: "/endpoints", title: "Endpoints" },
  { name: "envelopes", path: "/envelopes", title: "Envelopes" },
  { name: "health", path: "/health", title: "Health" },
];

/** A run may be named as on the command line: by its id, a part of it, or `@last`. */
const RUN_PATH = /^\/runs\/([^/]{1,240})$/;
const RUN_NAME = /^[\w@-]{1,80}$/;

export function viewOf(path: string): View {
  const plain = path.length > 1 ? path.replace(/\/$/, "") : path;
  const listed = views.find((view) => view.path === plain);
  if (listed !== undefined) return { kind: "list", name: listed.name };
  const [, name] = RUN_PATH.exec(plain) ?? [];
  const run = name === undefined ? null : decoded(name);
  return run !== null && RUN_NAME.test(run) ? { kind: "run", run } : { kind: "unknown" };
}

export function titleOf(view: View): string {
  switch (view.kind) {
    case "list":
      return `${views.find(({ name }) => name === view.name)?.title ?? ""} · qoc`;
    case "run":
      return `Run ${view.run.slice(0, 8)} · qoc`;
    case "unknown":
      return "No such page · qoc";
  }
}

export const runPath = (run: string): string => `/runs/${encodeURIComponent(run)}`;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
