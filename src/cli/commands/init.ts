import type { Command } from "commander";
import { existsSync } from "node:fs";
import path from "node:path";
import { forms } from "../../config/forms.ts";
import { SCAFFOLD_RANDOM_BYTES, scaffoldFiles, writeScaffold } from "../../desk/scaffold.ts";
import { CliError, usage } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { textOption } from "../flags.ts";
import type { Action, Runner } from "../program.ts";

export function addInit(program: Command, run: Runner): void {
  program
    .command("init")
    .argument("[dir]", "the desk's folder", ".")
    .option("--name <name>", "the workspace's name; otherwise the folder's")
    .description("make a working desk: desk.toml, folders, generated secrets")
    .action(run(init));
}

const init: Action = ({ io, out }, args, options) => {
  const dir = path.resolve(io.cwd, args[0] ?? ".");
  const name = textOption(options, "name") ?? deskName(dir);
  if (!forms.name.pattern.test(name))
    throw usage(`${JSON.stringify(name)} is no name of a workspace.`, `It ${forms.name.says}.`, "--name equity-desk");
  if (existsSync(path.join(dir, "desk.toml"))) throw alreadyThere(dir);
  const { written, kept, unignored } = writeScaffold(dir, scaffoldFiles(name, io.random(SCAFFOLD_RANDOM_BYTES)));
  const files = written.filter((file) => !file.endsWith(".gitkeep"));
  const shown = path.relative(io.cwd, dir) || ".";
  const next = [...(shown === "." ? [] : [`cd ${shown}`]), "qoc up", "qoc send price-alert --wait"];
  out.result("qoc.init/1", { dir, name, files, kept, next }, () =>
    [
      `Desk ${name} in ${dir}:`,
      ...files.map((file) => `  ${file}`),
      "",
      "Next, the last in a second terminal:",
      ...next.map((line) => `  ${line}`),
    ].join("\n"),
  );
  for (const file of kept) out.note(`${file} was there already and is left as it is.`);
  if (unignored.length > 0) out.note(`Add to .gitignore: ${unignored.join(" ")}`);
  return Promise.resolve();
};

/** A workspace name out of a folder's name. */
export function deskName(dir: string): string {
  const name = path
    .basename(dir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");
  return name.replaceAll(/^-+|-+$/g, "").slice(0, 63) || "desk";
}

const alreadyThere = (dir: string): CliError =>
  new CliError({
    what: "There is a desk already.",
    why: `${path.join(dir, "desk.toml")} exists, and nothing is written over.`,
    try: "qoc up, or another folder",
    code: "DESK_EXISTS",
    exit: exitCodes.cannotCreate,
  });
