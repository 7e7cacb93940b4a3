/** The configuration of every desk that one daemon serves. */
import type { DaemonConfig, DeskConfig } from "./config/desk-config.ts";
import { endpointOf } from "./config/forms.ts";
import { type Problem, formatProblems } from "./config/problem.ts";
import { readDesk } from "./config/read-desk.ts";

export type StartOptions = {
  readonly dirs: readonly string[];
  /** `HOST:PORT`, over `[daemon] ingress`. */
  readonly ingress?: string | undefined;
  /** `HOST:PORT` or `off`, over `[daemon] console`. */
  readonly console?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `~/.qoc/config.toml`, or null to leave it out. */
  readonly globalFile: string | null;
};

/** The configuration of a desk cannot be used. */
export class ConfigRefused extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.name = "ConfigRefused";
    this.problems = problems;
  }
}

/** Every desk's configuration, or every problem of all of them. */
export function loadAll(dirs: readonly string[], { env, globalFile }: StartOptions): readonly DeskConfig[] {
  const loaded = dirs.map((dir) => readDesk({ dir, env, globalFile }));
  const problems = loaded.flatMap((one) => (one.kind === "problems" ? one.problems : []));
  const configs = loaded.flatMap((one) => (one.kind === "config" ? [one.desk] : []));
  const twice = configs.find(({ name }, i) => configs.findIndex((other) => other.name === name) !== i);
  if (twice !== undefined) {
    const says = `two of these desks are called ${twice.name}; names make URLs and must differ`;
    problems.push({
      file: dirs.join(", "),
      line: null,
      column: null,
      key: "name",
      says,
      seen: twice.name,
      nearest: null,
    });
  }
  if (problems.length > 0) throw new ConfigRefused(problems);
  return configs;
}

/** The first desk's `[daemon]` holds for the process; flags lie over it. */
export function daemonOf(configs: readonly DeskConfig[], options: StartOptions): DaemonConfig {
  const first = configs[0];
  if (first === undefined) throw new Error("no desk was named");
  const ingress = options.ingress === undefined ? first.daemon.ingress : flag("--ingress", options.ingress);
  const console =
    options.console === undefined
      ? first.daemon.console
      : options.console === "off"
        ? null
        : flag("--console", options.console);
  return { ...first.daemon, ingress, console };
}

function flag(name: string, text: string): NonNullable<ReturnType<typeof endpointOf>> {
  const endpoint = endpointOf(text);
  if (endpoint !== null) return endpoint;
  const says = "is not HOST:PORT";
  throw new ConfigRefused([
    { file: name, line: null, column: null, key: null, says, seen: text, nearest: "127.0.0.1:7430" },
  ]);
}
