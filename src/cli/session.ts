/** What one call of `qoc` works with: its desk, its output, and the API of that desk, live or read from a stopped store. */
import { type DaemonFile, readDaemonFile } from "../http/control-address.ts";
import { type Api, answers, socketApi } from "./client.ts";
import { type DeskPlace, findDesk } from "./desk-finder.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Io, runToken } from "./io.ts";
import type { Output } from "./output.ts";
import type { Parts } from "./parts.ts";

export type Session = {
  readonly io: Io;
  readonly out: Output;
  readonly parts: Parts;
  /** `--desk`, as given. */
  readonly deskOption: string | undefined;
};

export const deskOf = (session: Session): DeskPlace => ({
  ...findDesk(session.io.cwd, session.deskOption),
  token: runToken(session.io),
});

/** What the running daemon wrote of itself; undefined when none answers. */
export async function liveDaemon(dir: string): Promise<DaemonFile | undefined> {
  const file = readDaemonFile(dir);
  return file !== undefined && (await answers(file.socket)) ? file : undefined;
}

/** The running daemon, or exit 69. */
export async function requireDaemon(desk: DeskPlace): Promise<DaemonFile> {
  const live = await liveDaemon(desk.dir);
  if (live !== undefined) return live;
  const file = readDaemonFile(desk.dir);
  throw new CliError({
    what: "No daemon runs for this desk.",
    why:
      file === undefined
        ? `${desk.dir}/.qoc/daemon.json does not exist.`
        : `Process ${file.pid} does not answer on ${file.socket}.`,
    try: "qoc up",
    code: "DAEMON_UNREACHABLE",
    exit: exitCodes.unreachable,
  });
}

export const daemonApi = async (desk: DeskPlace): Promise<Api> =>
  socketApi((await requireDaemon(desk)).socket, desk.token);

/** The daemon's API while it runs; else the store is read, and stderr says so. */
export async function readingApi(session: Session, desk: DeskPlace): Promise<Api> {
  const live = await liveDaemon(desk.dir);
  if (live !== undefined) return socketApi(live.socket, desk.token);
  session.out.note("The daemon is not running: this is read from the desk's store.");
  return session.parts.stoppedApi(desk, session.io);
}

/** Uses an API and closes it, however that ends. */
export async function withApi<T>(api: Promise<Api>, use: (api: Api) => Promise<T>): Promise<T> {
  const opened = await api;
  try {
    return await use(opened);
  } finally {
    await opened.close();
  }
}
