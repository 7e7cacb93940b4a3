/** Where the console's tokens are kept between two starts of the daemon: their hashes, never one of them. */
import type { Instant, Sha256 } from "./ids.ts";

export type KeptToken = { readonly hash: Sha256; readonly made_at: Instant; readonly used_at: Instant };

export interface TokenStore {
  /** What was written last. Nothing when it is gone or damaged: then nobody is logged in. Does not throw. */
  readonly read: () => readonly KeptToken[];
  /** Replaces all of it, durably. @throws the disk's error; then the old content stays or the new one is there */
  readonly write: (tokens: readonly KeptToken[]) => void;
}
