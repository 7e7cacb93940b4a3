/** Filters of the run list. What is chosen stands in the address bar, so that it can be sent to somebody. */
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { status, workspaces } from "../daemon.ts";
import { useKeys } from "../keys.ts";
import { go } from "../router.ts";
import { isFiltered, queryOf, type RunFilters } from "./run-filters.ts";

const STATES = [
  "received",
  "held",
  "executing",
  "dispatching",
  "awaiting-approval",
  "stuck",
  "reporting",
  "sealing",
  "sealed",
  "refused",
  "erased",
];
const SINCE: readonly (readonly [hours: number, says: string])[] = [
  [1, "the last hour"],
  [24, "the last day"],
  [24 * 7, "the last week"],
];
const HOUR_MS = 3_600_000;

export function FilterForm({ filters }: { readonly filters: RunFilters }): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const set = (part: Partial<RunFilters>): void => go(`/runs${queryOf({ ...filters, ...part })}`, "replace");
  useKeys({ "/": () => form.current?.querySelector("select")?.focus() }, "filter");
  const webhooks = new Set(
    (status.value?.data.value?.workspaces ?? [])
      .filter(({ name }) => filters.workspace === "" || name === filters.workspace)
      .flatMap((desk) => desk.webhooks.map(({ name }) => name)),
  );
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter the runs"
      ref={form}
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
      }}
    >
      <Choice label="State" value={filters.state} all="any state" options={STATES} choose={(state) => set({ state })} />
      <Choice
        label="Workspace"
        value={filters.workspace}
        all="all workspaces"
        options={workspaces.value}
        choose={(workspace) => set({ workspace, webhook: "" })}
      />
      <Choice
        label="Webhook"
        value={filters.webhook}
        all="all webhooks"
        options={[...webhooks]}
        choose={(webhook) => set({ webhook })}
      />
      <Since since={filters.since} choose={(since) => set({ since })} />
      <Flag label="stuck" on={filters.stuck} choose={(stuck) => set({ stuck })} />
      <Flag label="needs me" on={filters.needs_me} choose={(needs_me) => set({ needs_me })} />
      {isFiltered(filters) ? (
        <button type="button" class="small" onClick={() => go("/runs", "replace")}>
          clear
        </button>
      ) : null}
    </form>
  );
}

type ChoiceProps = {
  readonly label: string;
  readonly value: string;
  readonly all: string;
  readonly options: readonly string[];
  readonly choose: (value: string) => void;
};

/** A value of the address bar that is none of the options is one of them all the same: nothing filters unseen. */
export const Choice = ({ label, value, all, options, choose }: ChoiceProps): JSX.Element => (
  <label class="field">
    <span class="unseen">{label}</span>
    <select
      aria-label={label}
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
      class={value === "" ? "" : "is-set"}
    >
      <option value="">{all}</option>
      {[...new Set(value === "" ? options : [...options, value])].map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  </label>
);

/** The address bar has the moment itself, so that a link means the same later. */
function Since({ since, choose }: { readonly since: string; readonly choose: (since: string) => void }): JSX.Element {
  const pick = (hours: string): void => {
    choose(hours === "" ? "" : hours === "kept" ? since : new Date(Date.now() - Number(hours) * HOUR_MS).toISOString());
  };
  return (
    <label class="field">
      <span class="unseen">Since</span>
      <select
        aria-label="Since"
        value={since === "" ? "" : "kept"}
        onChange={(event) => pick(event.currentTarget.value)}
        class={since === "" ? "" : "is-set"}
      >
        <option value="">of any time</option>
        {since === "" ? null : <option value="kept">since {since.slice(0, 16).replace("T", " ")} UTC</option>}
        {SINCE.map(([hours, says]) => (
          <option key={hours} value={String(hours)}>
            {says}
          </option>
        ))}
      </select>
    </label>
  );
}

const Flag = ({
  label,
  on,
  choose,
}: {
  readonly label: string;
  readonly on: boolean;
  readonly choose: (on: boolean) => void;
}): JSX.Element => (
  <label class="flag">
    <input type="checkbox" checked={on} onChange={(event) => choose(event.currentTarget.checked)} /> {label}
  </label>
);
