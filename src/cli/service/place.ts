/** What a service file or a proxy's snippet is about: one desk on this machine. All paths are absolute. */

export type ServicePlace = {
  readonly name: string;
  readonly dir: string;
  readonly node: string;
  /** The command line's own file, which Node is given. */
  readonly qoc: string;
  readonly user: string;
  readonly drain_ms: number;
};

export type ProxyPlace = {
  readonly name: string;
  /** What senders call. */
  readonly host: string;
  /** Where the proxy finds the ingress, `HOST:PORT`. */
  readonly ingress: string;
  /** The largest body that a webhook of the desk takes. */
  readonly body_bytes: number;
};

/** A stop takes its drain time, and then closes sockets and store. */
export const stopSeconds = ({ drain_ms }: Pick<ServicePlace, "drain_ms">): number => Math.ceil(drain_ms / 1000) + 15;

/** Agents and connectors are found by it; what a person's shell adds to it stays out of a service. */
export const servicePath = ({ node }: Pick<ServicePlace, "node">): string => {
  const own = node.slice(0, node.lastIndexOf("/"));
  return [...new Set([own, "/usr/local/bin", "/usr/bin", "/bin"])].join(":");
};

/** What no service file can say, however it is quoted. */
export const isUnspeakable = (path: string): boolean => /\p{Cc}|^\s|\s$|\\$/u.test(path);
