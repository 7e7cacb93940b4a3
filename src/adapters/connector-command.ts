/**
 * A connector that is a command of one's own; `src/orders/README.md` is its protocol. Only two ends say that nothing was sent: a command
 * that could not be started, and one that exits with `REFUSED_EXIT` and says so. Any other end that is not plain leaves it open.
 */
import type { Sha256 } from "../core/ids.ts";
import {
  type Acknowledgement,
  type Answer,
  type Connector,
  readAcknowledgement,
  readAnswer,
  writeQuestion,
  writeSubmission,
} from "../orders/connector.ts";
import { type CommandEnd, runBounded } from "./bounded-command.ts";
import { processesWith } from "./live-attempts.ts";

/** A member of `[[connector]]` or `[[draft]]`: `env` are names of variables that the command is given beside `ENV_ALWAYS`. */
export type CommandConnectorSettings = {
  readonly name: string;
  readonly command: readonly string[];
  /** Null: what became of an order cannot be asked. */
  readonly ask: readonly string[] | null;
  readonly timeout_ms: number;
  readonly env: readonly string[];
};

/** `environment`: the daemon's own, of which the command gets what is named. */
export type CommandConnectorWorld = {
  readonly dir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** EX_DATAERR of sysexits.h. */
export const REFUSED_EXIT = 65;
export const OUTPUT_BYTES_MAX = 256 * 1024;
export const ENV_ALWAYS: readonly string[] = ["PATH", "LANG", "LC_ALL", "TZ"];
/** Two names, so that whoever answers is not taken for an attempt that still runs. */
const ORDER_VARIABLE = "QOC_ORDER_KEY";
const ASKED_VARIABLE = "QOC_ASKED_KEY";

export function commandConnector(settings: CommandConnectorSettings, world: CommandConnectorWorld): Connector {
  return {
    submit: async (order) => {
      const env = environmentOf(settings, world, { [ORDER_VARIABLE]: order.key });
      const stdin = writeSubmission(order);
      return acknowledgementOf(await runBounded({ argv: settings.command, env, stdin, ...boundsOf(settings, world) }));
    },
    ask: async (key) => {
      if (settings.ask === null) return { kind: "cannot_tell", reason: `${settings.name} has no command that answers` };
      const living = processesWith(`${ORDER_VARIABLE}=${key}`);
      if (living.length > 0)
        return { kind: "cannot_tell", reason: `an earlier attempt still runs, as process ${living.join(", ")}` };
      const env = environmentOf(settings, world, { [ASKED_VARIABLE]: key });
      const stdin = writeQuestion(key);
      return answerOf(await runBounded({ argv: settings.ask, env, stdin, ...boundsOf(settings, world) }));
    },
  };
}

function environmentOf(
  { env }: CommandConnectorSettings,
  { environment }: CommandConnectorWorld,
  key: Readonly<Record<string, Sha256>>,
): Readonly<Record<string, string>> {
  const given = [...ENV_ALWAYS, ...env].flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(given), ...key };
}

const boundsOf = ({ timeout_ms }: CommandConnectorSettings, { dir }: CommandConnectorWorld) => ({
  cwd: dir,
  timeout_ms,
  stdout_bytes_max: OUTPUT_BYTES_MAX,
});

function acknowledgementOf(end: CommandEnd): Acknowledgement {
  switch (end.kind) {
    case "never_started":
      return { kind: "refused", reason: `the connector's command was not run: ${end.reason}` };
    case "ended":
      return { kind: "unclear", reason: `of the connector's command: ${end.reason}` };
    case "exited": {
      const said = readAcknowledgement(end.stdout);
      if (end.code === 0 && said !== undefined) return said;
      if (end.code === REFUSED_EXIT && said?.kind === "refused") return said;
      return { kind: "unclear", reason: whatItSaid(end.code, said?.kind) };
    }
  }
}

function answerOf(end: CommandEnd): Answer {
  if (end.kind !== "exited")
    return { kind: "cannot_tell", reason: `of the connector's command that answers: ${end.reason}` };
  const said = readAnswer(end.stdout);
  if (end.code === 0 && said !== undefined) return said;
  return { kind: "cannot_tell", reason: whatItSaid(end.code, said?.kind) };
}

const whatItSaid = (code: number, kind: string | undefined): string =>
  `the connector's command exited with ${code} and ${kind === undefined ? "wrote nothing that is an answer" : `said "${kind}"`}`;
