/**
 * Connections with answers, or WebSockets, that are open under a token. They end with it, and while they are open they count as its use: a page
 * that only watches is not logged out. When the port closes, WebSockets that do not end by themselves are cut: a server waits for them for ever.
 */
import type { Sha256 } from "../../core/ids.ts";

/** Node's socket. Its response would not do: one that waits behind another on its connection is not told that the connection has gone. */
export type Connection = {
  readonly once: (event: "close", call: () => void) => unknown;
  readonly destroy: () => unknown;
};

export type OpenConnections = {
  /** Until it closes; it may be held more than once. */
  readonly hold: (hash: Sha256, connection: Connection) => void;
  readonly holdUpgraded: (connection: Connection) => void;
  /** Cuts all that is open under a token, but for the connection on which this is answered. */
  readonly cut: (hash: Sha256, except: Connection) => void;
  /** Cuts what is open under tokens that have ended meanwhile. */
  readonly look: () => void;
  /** Cuts WebSockets that are still open after so many milliseconds. */
  readonly close: (graceMs: number) => void;
};

export function createOpenConnections(isLive: (hash: Sha256) => boolean): OpenConnections {
  const byToken = new Map<Sha256, Set<Connection>>();
  const upgraded = new Set<Connection>();

  function leave(hash: Sha256, connection: Connection): void {
    const held = byToken.get(hash);
    held?.delete(connection);
    if (held?.size === 0) byToken.delete(hash);
  }
  return {
    hold: (hash, connection) => {
      const held = byToken.get(hash) ?? new Set<Connection>();
      if (held.has(connection)) return;
      byToken.set(hash, held.add(connection));
      connection.once("close", () => leave(hash, connection));
    },
    holdUpgraded: (connection) => {
      upgraded.add(connection);
      connection.once("close", () => upgraded.delete(connection));
    },
    cut: (hash, except) => {
      for (const connection of byToken.get(hash) ?? []) if (connection !== except) connection.destroy();
    },
    look: () => {
      for (const [hash, held] of byToken) if (!isLive(hash)) for (const connection of held) connection.destroy();
    },
    close: (graceMs) => {
      setTimeout(() => {
        for (const connection of upgraded) connection.destroy();
      }, graceMs).unref();
    },
  };
}
