/**
 * `fsck` in a process of its own. LMDB reads its file as memory: one that is cut off or overwritten ends the process that looks, and who
 * asked whether it is whole must live to say that it is not.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FsckAsked, FsckReport } from "./fsck.ts";

/** What is looked at dies young: with room for it, and no threads for it beside those that work, a tenth of the time is saved. */
const MEMORY = ["--single-threaded-gc", "--max-semi-space-size=32"] as const;

export type FsckSaid =
  | { readonly kind: "progress"; readonly done: number; readonly of: number }
  | { readonly kind: "report"; readonly report: FsckReport }
  | { readonly kind: "failed"; readonly reason: string };

/** Rejects when the desk cannot be read, however that ended. */
export function fsckAside({ progress, ...asked }: FsckAsked): Promise<FsckReport> {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const path = fileURLToPath(new URL(`./fsck-process.${ending}`, import.meta.url));
  const child = fork(path, [JSON.stringify(asked)], {
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: [...process.execArgv, ...MEMORY],
  });
  return new Promise((resolve, reject) => {
    child.on("message", (said: FsckSaid) => {
      if (said.kind === "progress") progress?.(said.done, said.of);
      else if (said.kind === "report") resolve(said.report);
      else reject(new Error(said.reason));
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
      const fail = (): void => reject(new Error(`the process that read the store ${how}: its file is damaged`));
      // What it said last may still be on its way.
      if (child.connected) child.once("disconnect", fail);
      else fail();
    });
  });
}
