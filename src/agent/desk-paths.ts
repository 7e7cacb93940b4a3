/**
 * Paths as an agent writes them, judged by their text alone: below the desk, with forward slashes, each part a name. What stands behind
 * a name on the disk is for whoever opens it (`agent-files.ts` says how). Nothing is made to fit: a path is good as it stands, or refused.
 */

/** Parts of a path below the desk, none for the desk itself. Made by the functions of this file and nowhere else. */
export type DeskPath = { readonly text: string; readonly parts: readonly string[] };
type PathRefused = { readonly kind: "refused"; readonly says: string };
type PathJudged = ({ readonly kind: "path" } & DeskPath) | PathRefused;

/** Where a run may make files. Their names are compared as they stand: `Inbox/` is another folder. */
export const WRITABLE_FOLDERS = ["issues", "inbox", "orders/proposed", "research", "snapshots"] as const;

const PATH_CHARACTERS_MAX = 1_024;
const PATH_PARTS_MAX = 32;
/** What file systems take for one name, in UTF-8. */
const NAME_BYTES_MAX = 255;

/** The runtime's own data and the secrets, however a file system folds their names, and at any depth. */
const HIDDEN = /^\.(?:qoc$|env)/;
/** Characters that are not seen, steer a terminal or turn the direction of writing; and halves of surrogate pairs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** For reading and listing: the whole desk but what is hidden. `.` is the desk itself. */
export function readablePath(text: string): PathJudged {
  if (text === "." || text === "./") return { kind: "path", text: ".", parts: [] };
  if (text === "") return refused("The path is empty.");
  if (text.length > PATH_CHARACTERS_MAX) return refused(`The path is longer than ${PATH_CHARACTERS_MAX} characters.`);
  if (UNSEEN.test(text)) return refused("The path holds a character that is not seen.");
  if (text.includes("\\")) return refused("The path holds a backslash; parts are separated by `/`.");
  if (text.startsWith("/")) return refused("The path is absolute; paths begin at the desk's folder.");
  const parts = text.replace(/^\.\//, "").replace(/\/$/, "").split("/");
  if (parts.length > PATH_PARTS_MAX) return refused(`The path has more than ${PATH_PARTS_MAX} parts.`);
  for (const part of parts) {
    const wrong = faultOf(part);
    if (wrong !== undefined) return refused(wrong);
  }
  return { kind: "path", text: parts.join("/"), parts };
}

/** For writing: a file below one of the folders that a run may write to. */
export function writablePath(text: string): PathJudged {
  const judged = readablePath(text);
  if (judged.kind === "refused") return judged;
  if (!WRITABLE_FOLDERS.some((folder) => judged.text.startsWith(`${folder}/`)))
    return refused(`A run writes below ${WRITABLE_FOLDERS.map((folder) => `${folder}/`).join(", ")} only.`);
  if (judged.parts.some((part) => part.startsWith("."))) return refused("A run makes no hidden files.");
  return judged;
}

/** Whether a name that stands in a folder may be shown at all: names that no path could have are not. */
export const isShown = (name: string): boolean => faultOf(name) === undefined && !/[/\\]/.test(name);

function faultOf(part: string): string | undefined {
  if (part === "") return "The path has an empty part.";
  if (part === "..") return "The path leads upwards: `..` is refused wherever it stands.";
  if (part === ".") return "The path holds a part `.`.";
  if (UNSEEN.test(part)) return "The path holds a character that is not seen.";
  if (Buffer.byteLength(part) > NAME_BYTES_MAX) return `A part of the path is longer than ${NAME_BYTES_MAX} bytes.`;
  // A file system may drop these at the end of a name, and open another file than the one that was judged.
  if (/[. ]$/.test(part)) return "A part of the path ends in a dot or a space.";
  if (HIDDEN.test(part.normalize("NFKC").toLowerCase())) return "`.qoc` and `.env*` are closed to agents.";
  return undefined;
}

const refused = (says: string): PathRefused => ({ kind: "refused", says });
