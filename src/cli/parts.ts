/** What the command line needs of the daemon and the store, as far as it needs it: tests hand in their own. */
import type { StoreReads, ControlTarget, Reloaded } from "../http/control-target.ts";
import type { Api } from "./client.ts";
import type { DeskPlace } from "./desk-finder.ts";
import type { Io } from "./io.ts";

export type StartOptions = {
  readonly dirs: readonly string[];
  readonly ingress?: string | undefined;
  readonly console?: string | undefined;
  readonly env: Io["env"];
  readonly globalFile: string | null;
};

export type Running = {
  readonly target: Pick<ControlTarget, "status" | "desks" | "listen">;
  readonly stop: (drainMs: number) => Promise<void>;
  readonly reload: () => Promise<Reloaded>;
  readonly drainMs: number;
  readonly closed: Promise<void>;
};

export type ReadableStore = StoreReads & { readonly close: () => Promise<void> };

export type Parts = {
  /** Resolves when every door answers. */
  readonly start: (options: StartOptions) => Promise<Running>;
  /** Opens a desk's store for reading, also while a daemon writes it. */
  readonly openStore: (dir: string) => Promise<ReadableStore>;
  /** The API over the store of a desk whose daemon does not run. */
  readonly stoppedApi: (desk: DeskPlace, io: Io) => Promise<Api>;
  readonly backup: (dir: string, to: string) => Promise<{ readonly bytes: number }>;
  /** Puts a backup in the place of a store that is not there. */
  readonly restore: (dir: string, from: string) => Promise<{ readonly bytes: number }>;
};
