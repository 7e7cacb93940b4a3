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
  /** Has a desk that no daemon serves go on with a new key. `index` is the number of the new key's leaf in the log. */
  readonly rotateKeys: (
    dir: string,
    workspace: string,
  ) => Promise<{ readonly keyid: string; readonly retired: string; readonly index: number }>;
  /** Ends the log of a desk that no daemon serves, and begins the next one. `root` in padded base64. */
  readonly beginEpoch: (asked: {
    readonly dir: string;
    readonly workspace: string;
    readonly reason: string;
    readonly epochMin: number;
    readonly now: number;
  }) => Promise<{
    readonly epoch: number;
    readonly prev: { readonly epoch: number; readonly size: number; readonly root: string };
    readonly size: number;
    readonly set_aside: number;
  }>;
  /** Whether a browser was asked to show this address; false where nobody would see one. */
  readonly openBrowser: (url: string, env: Io["env"]) => Promise<boolean>;
  /** Puts a backup in the place of a store that is not there. */
  readonly restore: (dir: string, from: string) => Promise<{ readonly bytes: number }>;
};
