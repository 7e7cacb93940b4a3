/** The console's door as the daemon has it: codes and tokens of this process, the hashes of the tokens with the first desk, the built page. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "./adapters/clock.ts";
import { openConsoleTokens } from "./adapters/console-tokens.ts";
import { systemEntropy } from "./adapters/entropy.ts";
import { createLoginCodes } from "./http/console/login-codes.ts";
import type { LoginWorld } from "./http/console/login-routes.ts";
import { readStaticFiles, type StaticFiles } from "./http/console/static-files.ts";
import { type ConsoleTokens, createConsoleTokens } from "./http/console/tokens.ts";

/** Beside the program, where `npm run build` puts it; in the sources there is none. */
const PAGE_FOLDER = fileURLToPath(new URL("console-page", import.meta.url));

export type ConsoleDoor = {
  readonly tokens: ConsoleTokens;
  readonly files: StaticFiles;
  readonly login: LoginWorld;
};

export type ConsoleDoorOptions = {
  /** The folder of the desk that is served first. */
  readonly dir: string;
  readonly consoleUrl: () => string | null;
  readonly complain: (says: string, reason: unknown) => void;
};

/** @throws when the built page is there and is not what a console can be */
export function createConsoleDoor({ dir, consoleUrl, complain }: ConsoleDoorOptions): ConsoleDoor {
  const store = openConsoleTokens(path.join(dir, ".qoc"));
  const tokens = createConsoleTokens({ store, clock: systemClock, entropy: systemEntropy, complain });
  const codes = createLoginCodes(systemClock, systemEntropy);
  return { tokens, files: readStaticFiles(PAGE_FOLDER), login: { codes, tokens, consoleUrl } };
}
