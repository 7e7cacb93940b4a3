/** The configuration of a desk as a command needs it: read like the daemon reads it, or exit 78 with every problem. */
import path from "node:path";
import type { DeskConfig } from "../config/desk-config.ts";
import type { Loaded } from "../config/load.ts";
import { formatProblems } from "../config/problem.ts";
import { readDesk } from "../config/read-desk.ts";
import type { DeskPlace } from "./desk-finder.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** `~/.qoc/config.toml`; null for a user without a home. */
export function globalConfigFile(env: Io["env"]): string | null {
  const home = env["HOME"];
  return home === undefined || home === "" ? null : path.join(home, ".qoc", "config.toml");
}

export const readConfig = (desk: Pick<DeskPlace, "dir">, { env }: Pick<Io, "env">): Loaded =>
  readDesk({ dir: desk.dir, globalFile: globalConfigFile(env), env });

export function configOf(desk: DeskPlace, io: Pick<Io, "env">): DeskConfig {
  const loaded = readConfig(desk, io);
  switch (loaded.kind) {
    case "config":
      return loaded.desk;
    case "problems":
      throw new CliError({
        what: `${desk.file} is not a valid configuration.`,
        why: formatProblems(loaded.problems),
        try: "qoc config check",
        code: "CONFIG_INVALID",
        exit: exitCodes.configuration,
      });
  }
}

type WebhookConfig = DeskConfig["webhooks"][number];

/** The webhook of this name, or exit 66 with the names there are. */
export function webhookOf(config: DeskConfig, name: string): WebhookConfig {
  const found = config.webhooks.find((webhook) => webhook.name === name);
  if (found !== undefined) return found;
  throw new CliError({
    what: `No webhook is called ${JSON.stringify(name)}.`,
    why: `${config.name} has ${config.webhooks.map((webhook) => webhook.name).join(", ") || "no webhook"}.`,
    try: "qoc endpoints list",
    code: "WEBHOOK_UNKNOWN",
    exit: exitCodes.notFound,
  });
}
