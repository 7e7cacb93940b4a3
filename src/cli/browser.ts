/** Hands an address to the person's browser, by the system's own way and never through a shell. */
import { spawn } from "node:child_process";
import type { Io } from "./io.ts";

/** Undefined where nobody would see a browser. */
export function browserCommand(platform: NodeJS.Platform, env: Io["env"]): string | undefined {
  if (platform === "darwin") return "open";
  if (platform === "win32") return undefined;
  const hasDisplay = [env["DISPLAY"], env["WAYLAND_DISPLAY"]].some((display) => (display ?? "") !== "");
  return hasDisplay ? "xdg-open" : undefined;
}

/** Whether one was asked; what it makes of it nobody knows. It lives on when this process ends. */
export function openBrowser(
  url: string,
  env: Io["env"],
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const command = browserCommand(platform, env);
  if (command === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(command, [url], { detached: true, env: { ...env }, shell: false, stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
