/**
 * What an agent's process finds in its environment: by a list of what is let in, never of what is kept out, so a secret of the daemon's
 * own is there only when `[agent] env` names it.
 */
import type { RunId } from "../core/ids.ts";

export type Environment = Readonly<Record<string, string>>;
/** Any process's environment as Node gives it. */
export type GivenEnvironment = Readonly<Record<string, string | undefined>>;

/** What a run tells its own process. `token` is good for this run only and dies with it. */
export type RunVariables = {
  readonly run: RunId;
  readonly task: string;
  readonly token: string;
  /** Path of the agents' socket. */
  readonly socket: string;
  /** Path of the bundle's file. */
  readonly bundle: string;
  /** Folder of the run's own `qoc`. */
  readonly bin: string;
  /** Where an MCP client over HTTP reaches the run's tools; null when no port could be had. */
  readonly mcp_url: string | null;
};

const LET_IN: ReadonlySet<string> = new Set(["HOME", "LANG", "TERM", "TZ", "TMPDIR", "USER"]);
/** For a daemon that was started without one. */
const PATH_DEFAULT = "/usr/local/bin:/usr/bin:/bin";
/** The variables that the run's `qoc` needs: a program that scrubs its children's environment has to be told of them by name. */
export const RUN_VARIABLES = ["QOC_RUN", "QOC_TASK", "QOC_RUN_TOKEN", "QOC_SOCKET", "QOC_BUNDLE"] as const;

/** @param names of `[agent] env`; what the run itself sets goes before them */
export function environmentOf(given: GivenEnvironment, names: readonly string[], run: RunVariables): Environment {
  const named = new Set(names);
  const let_in = Object.entries(given).filter(
    ([name, value]) => value !== undefined && (LET_IN.has(name) || name.startsWith("LC_") || named.has(name)),
  );
  return {
    ...Object.fromEntries(let_in.map(([name, value]) => [name, value ?? ""])),
    PATH: [run.bin, given["PATH"] ?? PATH_DEFAULT].join(":"),
    QOC_RUN: run.run,
    QOC_TASK: run.task,
    QOC_RUN_TOKEN: run.token,
    QOC_SOCKET: run.socket,
    QOC_BUNDLE: run.bundle,
    ...(run.mcp_url === null ? {} : { QOC_MCP_URL: run.mcp_url }),
  };
}

/**
 * What stands in the environment of each process of a run and of no other, in the kernel's form: the run's id and, since two desks may
 * have a run of one id, the place of its bundle.
 */
export const markOf = ({ run, bundle }: Pick<RunVariables, "run" | "bundle">): readonly string[] => [
  `QOC_RUN=${run}`,
  `QOC_BUNDLE=${bundle}`,
];
