/** Completion scripts, made from the commands themselves: a command that is added is completed. */
import type { Command } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];
export const isShell = (name: string): name is Shell => shells.some((shell) => shell === name);

/** A command line up to here (`runs list`), and the words that may come next. */
type Words = { readonly at: string; readonly next: readonly string[] };

export function completionScript(shell: Shell, program: Command): string {
  const all = wordsOf(program, "");
  switch (shell) {
    case "bash":
      return bash(all);
    case "zsh":
      return `#compdef qoc\nautoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
    case "fish":
      return fish(all);
  }
}

function wordsOf(command: Command, at: string): readonly Words[] {
  const flags = command.options.flatMap((option) => option.long ?? []);
  const here: Words = { at, next: [...command.commands.map((child) => child.name()), ...flags] };
  return [here, ...command.commands.flatMap((child) => wordsOf(child, `${at} ${child.name()}`.trim()))];
}

function bash(all: readonly Words[]): string {
  const cases = all.map(({ at, next }) => `    "${at}") words="${next.join(" ")}" ;;`).join("\n");
  return `# qoc completion for bash: source <(qoc completion bash)
_qoc() {
  local at="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) at="\${at:+$at }$word" ;; esac
  done
  case "$at" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _qoc qoc
`;
}

function fish(all: readonly Words[]): string {
  const lines = all.flatMap(({ at, next }) => {
    const seen =
      at === ""
        ? "__fish_use_subcommand"
        : at
            .split(" ")
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join("; and ");
    return next.map((word) =>
      word.startsWith("--")
        ? `complete -c qoc -n '${seen}' -l ${word.slice(2)}`
        : `complete -c qoc -f -n '${seen}' -a ${word}`,
    );
  });
  return `# qoc completion for fish: qoc completion fish | source\n${lines.join("\n")}\n`;
}
