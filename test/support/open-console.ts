/** A daemon with its console on, as a person opens it, and as whoever has no page asks it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { ask } from "./control.ts";
import { type Daemon, launch, ready } from "./daemon.ts";

export type OpenConsole = { readonly daemon: Daemon; readonly port: number; readonly url: string };

/** A daemon with its console on a free port, or on the one that an earlier one had. */
export async function consoleOf(dir: string, port = 0, env?: Record<string, string>): Promise<OpenConsole> {
  const place = env === undefined ? {} : { env };
  const daemon = await ready(launch([dir], place, ["--console", `127.0.0.1:${port}`]), dir);
  const text = readFileSync(path.join(dir, ".qoc", "daemon.json"), "utf8");
  const { console: url } = z.object({ console: z.string() }).parse(JSON.parse(text));
  return { daemon, url, port: Number(new URL(url).port) };
}

/** As `qoc console` asks for it. */
export const codeOf = async (dir: string): Promise<string> =>
  z.object({ code: z.string() }).parse(await ask(dir, "/api/console/codes", {})).code;

export async function tokenOf(dir: string, port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: await codeOf(dir) }),
  });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}
