/** The built `qoc` as a process on a terminal of its own, with a person who answers what is asked. `npm run build` comes first. */
import { spawn } from "node:child_process";
import { z } from "zod";
import { QOC } from "./daemon.ts";

const Shown = z.object({ exit: z.number(), screen: z.string(), unasked: z.number() });
/** `screen` is all that the terminal showed, with its own line ends made plain; `unasked` how many answers nobody asked for. */
export type OnTerminal = z.infer<typeof Shown>;

/** `dialogue`: when this text is seen, that is typed; in this order. */
export async function onTerminal(
  args: readonly string[],
  dialogue: readonly (readonly [seen: string, typed: string])[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<OnTerminal> {
  const child = spawn("python3", ["test/support/terminal.py"], { stdio: ["pipe", "pipe", "inherit"] });
  const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"], TERM: "dumb", ...env };
  child.stdin.end(JSON.stringify({ argv: [process.execPath, QOC, ...args], env: environment, dialogue }));
  let written = "";
  for await (const chunk of child.stdout) written += String(chunk);
  const shown = Shown.parse(JSON.parse(written));
  return { ...shown, screen: shown.screen.replaceAll("\r\n", "\n") };
}
