/** Which desk a command is about: `--desk DIR`, else the nearest folder upward that holds a `desk.toml`. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import type { WebhookInfo } from "../http/control-target.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";

export type DeskPlace = {
  readonly dir: string;
  readonly file: string;
  readonly name: string;
  /** Webhooks as written; empty while the file cannot be read. */
  readonly webhooks: readonly Pick<WebhookInfo, "name" | "provider" | "action" | "task">[];
  /** Of the agent run that asks about the desk: its daemon is then asked as that run, which it answers little. */
  readonly token?: string | undefined;
};

/** Just enough of `desk.toml` to read a stopped desk whose secrets are not at hand. The loader in `config/` says what is wrong with it. */
const Names = z.object({
  name: z.string().optional().catch(undefined),
  workspace: z
    .object({ name: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  webhook: z
    .array(
      z.object({
        name: z.string(),
        provider: z.string().catch("qoc"),
        action: z.enum(["inbox", "run"]).catch("inbox"),
        task: z.string().nullable().catch(null),
      }),
    )
    .catch([]),
});

export function findDesk(cwd: string, named: string | undefined): DeskPlace {
  if (named !== undefined) {
    const dir = path.resolve(cwd, named);
    if (existsSync(path.join(dir, "desk.toml"))) return deskAt(dir);
    throw noDesk(`There is no desk.toml in ${dir}.`, `qoc init ${named}`);
  }
  for (let dir = path.resolve(cwd); ; dir = path.dirname(dir)) {
    if (existsSync(path.join(dir, "desk.toml"))) return deskAt(dir);
    if (dir === path.dirname(dir))
      throw noDesk(`No folder from ${cwd} upward holds a desk.toml.`, "qoc init my-desk, or --desk DIR");
  }
}

export function deskAt(dir: string): DeskPlace {
  const file = path.join(dir, "desk.toml");
  const names = namesIn(file);
  const name = names?.name ?? names?.workspace?.name ?? path.basename(dir);
  return { dir, file, name, webhooks: names?.webhook ?? [] };
}

function namesIn(file: string): z.infer<typeof Names> | undefined {
  try {
    return Names.parse(parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

const noDesk = (why: string, hint: string): CliError =>
  new CliError({ what: "No desk was found.", why, try: hint, code: "DESK_UNKNOWN", exit: exitCodes.notFound });
