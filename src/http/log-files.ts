/** Which file of a desk's log a path of `GET /log/*` asks for: https://c2sp.org/tlog-tiles, spelled in its one way and no other. */
import { join } from "node:path";

export type AskedLogFile = {
  readonly workspace: string;
  /** Relative to the desk's folder. Made of names that are spelled here, and of digits. */
  readonly file: string;
  /** Its bytes never change once it is there. */
  readonly isForever: boolean;
};

const WORKSPACE = "(?<workspace>[a-z0-9][a-z0-9-]{0,62})";
/** A finished log of the desk, by its number. The one that grows has none. */
const EPOCH = "(?:(?<epoch>[1-9][0-9]{0,8})/)?";
const NOTE = "(?<note>checkpoint|witnessed)";
const LEVEL = "(?:entries|[0-9]|[1-5][0-9]|6[0-3])";
/** 1234067 is `x001/x234/067`. No index of ours has more than six groups. */
const INDEX = "(?:x[0-9]{3}/){0,5}[0-9]{3}";
const WIDTH = "(?:[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
const TILE = `(?<tile>tile/${LEVEL}/${INDEX}(?:\\.p/${WIDTH})?)`;
const ASKED = new RegExp(`^/log/${WORKSPACE}/${EPOCH}(?:${NOTE}|${TILE})$`);

/** `url` as it came, undecoded and with its query: a path that is spelled otherwise names nothing. */
export function logFileAsked(url: string): AskedLogFile | undefined {
  const { workspace, epoch, note, tile } = ASKED.exec(url)?.groups ?? {};
  const name = note ?? tile;
  if (workspace === undefined || name === undefined) return undefined;
  const log = epoch === undefined ? "log" : join("logs", epoch);
  return { workspace, file: join(".qoc", "evidence", log, name), isForever: tile !== undefined };
}
