/** Desks as folders on the disk, for daemons that run as processes. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { lastingFolder } from "./daemon.ts";

export const SECRET = "your-signing-secret";

export type DeskFolder = {
  /** Text of the `[[webhook]]` tables and whatever else; the name comes before it. */
  readonly toml?: string;
  /** What `.env.qoc` holds. */
  readonly secrets?: Readonly<Record<string, string>>;
};

/** A webhook whose secret is `SECRET`. */
export const webhookToml = (name: string, ...lines: readonly string[]): string =>
  ["[[webhook]]", `name = "${name}"`, 'secret = "env:SECRET"', 'action = "inbox"', ...lines, ""].join("\n");

/** Makes a desk of this name in a temporary folder of its own. Gives its path. */
export function deskFolder(
  name: string,
  { toml = webhookToml("price-alert"), secrets = { SECRET } }: DeskFolder = {},
): string {
  const dir = path.join(lastingFolder(), name);
  mkdirSync(dir);
  writeToml(dir, name, toml);
  const lines = Object.entries(secrets).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(path.join(dir, ".env.qoc"), lines.join(""), { mode: 0o600 });
  return dir;
}

export const writeToml = (dir: string, name: string, toml: string): void =>
  writeFileSync(path.join(dir, "desk.toml"), `name = "${name}"\n\n${toml}`);
