/** Whether this machine can make the sandbox: tried, because a kernel or a container may refuse what is installed. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { reasonOf } from "../core/assert.ts";
import { keepOutput } from "./output.ts";
import { baseArgv } from "./sandbox.ts";

export type SandboxCheck =
  | { readonly kind: "available"; readonly bwrap: string }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Not looked for in the PATH: what is in it may be anybody's. */
const PLACES = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"];
const TRY_MS_MAX = 10_000;

let found: SandboxCheck | undefined;

/** Makes a sandbox around `true`. Once for as long as it works; a machine on which it did not is tried again. */
export async function sandboxAvailable(): Promise<SandboxCheck> {
  if (found?.kind === "available") return found;
  const bwrap = PLACES.find((place) => existsSync(place));
  found = bwrap === undefined ? { kind: "unavailable", reason: "bubblewrap is not installed" } : await tried(bwrap);
  return found;
}

async function tried(bwrap: string): Promise<SandboxCheck> {
  const argv = [...baseArgv(false, process.getuid?.() === 0), "--", "/usr/bin/true"];
  return await new Promise((resolve) => {
    const child = spawn(bwrap, argv, { stdio: ["ignore", "ignore", "pipe"], env: {}, timeout: TRY_MS_MAX });
    const said = keepOutput(child.stderr, 1024);
    child.on("error", (error) => resolve({ kind: "unavailable", reason: reasonOf(error) }));
    child.on("close", (code, signal) => {
      const reason = new TextDecoder().decode(said().bytes).trim();
      resolve(
        code === 0
          ? { kind: "available", bwrap }
          : { kind: "unavailable", reason: reason === "" ? `bubblewrap ended with ${code ?? signal}` : reason },
      );
    });
  });
}
