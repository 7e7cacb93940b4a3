/** Completion scripts, made from the commands themselves: a command that is added is completed. */
import type { Command, Option } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];
export const isShell = (name: string): name is Shell => shells.some((shell) => shell === name);

/** A command line up to here (`runs list`), in every way that aliases let it be written, and what may come next. */
type Place = { readonly ats: readonly string[]; readonly next: readonly string[]; readonly flags: readonly Flag[] };
/** `values` is null for a flag that takes none, and empty for one that takes any. */
type Flag = { readonly name: string; readonly values: readonly string[] | null };

const HELP: Flag = { name: "--help", values: null };

export function completionScript(shell: Shell, program: Command): string {
  const shared = [...program.options.flatMap(flagOf), HELP];
  const all = placesBelow(program, [""], shared);
  switch (shell) {
    case "bash":
      return bash(all);
    case "zsh":
      return `#compdef qoc\nautoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
    case "fish":
      return fish(all);
  }
}

/** @param shared flags that are taken anywhere */
function placesBelow(command: Command, ats: readonly string[], shared: readonly Flag[]): readonly Place[] {
  const own = command.parent === null ? [] : command.options.flatMap(flagOf);
  const here: Place = {
    ats,
    next: [
      ...command.commands.map((child) => child.name()),
      ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    ],
    flags: [...own, ...shared],
  };
  const below = command.commands.flatMap((child) => {
    const names = [child.name(), ...child.aliases()];
    return placesBelow(
      child,
      ats.flatMap((at) => names.map((name) => `${at} ${name}`.trim())),
      shared,
    );
  });
  return [here, ...below];
}

const flagOf = ({ long, argChoices, required, optional }: Option): readonly Flag[] =>
  long === undefined ? [] : [{ name: long, values: argChoices ?? (required || optional ? [] : null) }];

const quoted = (texts: readonly string[]): string => texts.map((text) => `"${text}"`).join("|");

function bash(all: readonly Place[]): string {
  const known = quoted(all.flatMap(({ ats }) => ats).filter((at) => at !== ""));
  const words = all.map(
    ({ ats, next, flags }) => `    ${quoted(ats)}) words="${[...next, ...flags.map(({ name }) => name)].join(" ")}" ;;`,
  );
  const valued = all.flatMap(({ ats, flags }) =>
    flags.flatMap(({ name, values }) =>
      values === null ? [] : [`    ${quoted(ats.map((at) => `${at} ${name}`))}) words="${values.join(" ")}" ;;`],
    ),
  );
  return `# qoc completion for bash: source <(qoc completion bash)
# Words that may stand behind this flag; fails for one that takes no value.
_qoc_values() {
  case "$1" in
${valued.join("\n")}
    *) return 1 ;;
  esac
}
_qoc() {
  local at="" word words="" before=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$before" ] && _qoc_values "$at $before"; then before=""; continue; fi
    before=""
    case "$word" in
      -*) before="$word"; continue ;;
    esac
    case "\${at:+$at }$word" in
      ${known}) at="\${at:+$at }$word" ;;
    esac
  done
  words=""
  if [ -z "$before" ] || ! _qoc_values "$at $before"; then
    case "$at" in
${words.join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _qoc qoc
`;
}

function fish(all: readonly Place[]): string {
  const lines = all.flatMap(({ ats, next, flags }) => {
    const [at = ""] = ats;
    // A word of the path may be written by each of its aliases.
    const steps = at.split(" ").map((_, i) => [...new Set(ats.map((each) => each.split(" ")[i] ?? ""))].join(" "));
    const seen =
      at === "" ? "__fish_use_subcommand" : steps.map((names) => `__fish_seen_subcommand_from ${names}`).join("; and ");
    return [
      ...next.map((word) => `complete -c qoc -f -n '${seen}' -a ${word}`),
      ...flags.map(({ name, values }) => `complete -c qoc -n '${seen}' -l ${name.slice(2)}${fishValues(values)}`),
    ];
  });
  return `# qoc completion for fish: qoc completion fish | source\n${lines.join("\n")}\n`;
}

const fishValues = (values: Flag["values"]): string =>
  values === null ? "" : values.length === 0 ? " -r" : ` -x -a "${values.join(" ")}"`;
