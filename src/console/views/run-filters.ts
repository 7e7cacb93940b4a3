/** Filters of the run list, as the address bar has them and as the API takes them: the same names, so that one is the other. */

export type RunFilters = {
  readonly workspace: string;
  readonly webhook: string;
  /** A state or its beginning up to a dot. */
  readonly state: string;
  /** ISO 8601, or empty. */
  readonly since: string;
  readonly stuck: boolean;
  readonly needs_me: boolean;
};

const TEXTS = ["workspace", "webhook", "state", "since"] as const;
const FLAGS = ["stuck", "needs_me"] as const;
const TEXT_LENGTH_MAX = 200;

export const noFilters: RunFilters = {
  workspace: "",
  webhook: "",
  state: "",
  since: "",
  stuck: false,
  needs_me: false,
};

/** Whatever a link has that is no filter is left out. */
export function filtersOf(query: URLSearchParams): RunFilters {
  const text = (name: string): string => (query.get(name) ?? "").trim().slice(0, TEXT_LENGTH_MAX);
  const since = Date.parse(text("since"));
  return {
    workspace: text("workspace"),
    webhook: text("webhook"),
    state: text("state"),
    since: Number.isNaN(since) ? "" : new Date(since).toISOString(),
    stuck: query.get("stuck") === "true",
    needs_me: query.get("needs_me") === "true",
  };
}

/** With its question mark, or empty when nothing is filtered. */
export function queryOf(filters: RunFilters): string {
  const query = new URLSearchParams();
  for (const name of TEXTS) if (filters[name] !== "") query.set(name, filters[name]);
  for (const name of FLAGS) if (filters[name]) query.set(name, "true");
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

export const isFiltered = (filters: RunFilters): boolean => queryOf(filters) !== "";

/** "hides 12 of 50 looked at", of what was read so far. */
export const hidesOf = (shown: number, looked: number): string =>
  `hides ${Math.max(0, looked - shown).toLocaleString("en")} of ${looked.toLocaleString("en")} looked at`;
