/** Rules between the keys of `[[connector]]`, `[[draft]]` and `[[notify]]`. */
import type { TomlTable } from "smol-toml";
import { tablesIn } from "./agent-rules.ts";
import { forms } from "./forms.ts";
import { aboutValue, type Finding } from "./problem.ts";
import type { Path } from "./toml-locator.ts";

export const connectorContradictions = (desk: TomlTable): readonly Finding[] => [
  ...once(tablesIn(desk, "connector"), "name", "connector"),
  ...once(tablesIn(desk, "draft"), "kind", "draft"),
  ...once(tablesIn(desk, "notify"), "name", "notify"),
  ...tablesIn(desk, "connector").flatMap((connector, i) => programWithType(connector, ["connector", i])),
  ...tablesIn(desk, "draft").flatMap((draft, i) => draftFields(draft, ["draft", i])),
  ...tablesIn(desk, "notify").flatMap((target, i) => urlOf(target, ["notify", i])),
];

/** @param shown how the tables are called in what is said */
function once(tables: readonly TomlTable[], key: string, shown: string, above: Path = [shown]): readonly Finding[] {
  const names = tables.map((table) => table[key]);
  return names.flatMap((name, i) => {
    const first = names.indexOf(name);
    if (name === undefined || first === i) return [];
    return [aboutValue([...above, i, key], `is already the ${key} of ${shown}[${first}]`)];
  });
}

function programWithType({ type, command, ask, env }: TomlTable, path: Path): readonly Finding[] {
  if (type === "command" && command === undefined)
    return [
      aboutValue([...path, "command"], 'is required with type = "command": a list such as ["my-broker", "send"]'),
    ];
  if (type !== "paper") return [];
  return Object.entries({ command, ask, env }).flatMap(([key, value]) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? []
      : [aboutValue([...path, key], 'must be left out with type = "paper", which starts no program')],
  );
}

/** What every draft says beside the fields of its kind. */
const TAKEN = ["kind", "name"];

function draftFields(draft: TomlTable, path: Path): readonly Finding[] {
  const fields = tablesIn(draft, "fields");
  return [
    ...(draft["kind"] === "order"
      ? [aboutValue([...path, "kind"], "must not be order: orders go to a [[connector]]")]
      : []),
    ...once(fields, "name", "fields", [...path, "fields"]),
    ...fields.flatMap(({ name, type, choices }, i) => {
      const at = [...path, "fields", i];
      const isNamed = Array.isArray(choices) && choices.length > 0;
      return [
        ...(TAKEN.some((each) => each === name)
          ? [aboutValue([...at, "name"], "is what every draft has by itself")]
          : []),
        ...(type === "choice" && !isNamed ? [aboutValue([...at, "choices"], 'is required with type = "choice"')] : []),
        ...(type !== "choice" && type !== undefined && isNamed
          ? [aboutValue([...at, "choices"], 'must be left out unless type = "choice"')]
          : []),
      ];
    }),
  ];
}

/** A notification says what happened on this desk: it goes in the clear only where its owner says that the way is his own. */
function urlOf({ url, allow_private }: TomlTable, path: Path): readonly Finding[] {
  if (typeof url !== "string" || !forms.url.pattern.test(url) || !URL.canParse(url)) return [];
  const at = [...path, "url"];
  const { protocol, hash } = new URL(url);
  if (protocol !== "https:" && allow_private !== true)
    return [aboutValue(at, "must be https, or http with allow_private = true")];
  return hash === "" ? [] : [aboutValue(at, "must end before its #, which reaches no server")];
}
