/** Files of drafts on the disk. Every folder on the way is opened in the one before, so that no link leads out of the desk. */
import path from "node:path";
import type { FileLook, OrderFiles } from "../desk/draft-file.ts";
import { type AgentDisk, type Folder, nodeAgentDisk, openFile, openFolders, Refused } from "./agent-folders.ts";
import { errnoOf } from "./disk.ts";
import { placeWhole } from "./durable-file.ts";

const MODE = 0o644;

export function createOrderFiles(dir: string, disk: AgentDisk = nodeAgentDisk): OrderFiles {
  const within = async <T>(folder: string, making: boolean, act: (folder: Folder) => Promise<T>): Promise<T> => {
    const opened = openFolders(dir, folder.split("/"), making, disk);
    try {
      return await act(opened);
    } finally {
      disk.closeSync(opened.file);
    }
  };
  return {
    look: (file, bytesMax) => lookAt(dir, file, bytesMax, disk),
    place: (folder, names, bytes, isEdited) =>
      within(folder, true, ({ at }) => placeWhole({ folder: at, names, bytes, mode: MODE, isEdited })),
    move: (file, folder, names) =>
      within(path.dirname(file), true, (from) =>
        within(folder, true, (to) => moveInto(from, path.basename(file), to, names, disk)),
      ),
    remove: (file) =>
      within(path.dirname(file), true, async (folder) => {
        ifThere(() => disk.unlinkSync(path.join(folder.at, path.basename(file))));
        // Also when it was gone: whoever took it away may have died before this.
        await disk.sync(folder.file);
      }),
  };
}

function lookAt(dir: string, file: string, bytesMax: number, disk: AgentDisk): FileLook {
  try {
    const folder = openFolders(dir, path.dirname(file).split("/"), false, disk);
    try {
      return readIn(folder, path.basename(file), bytesMax, disk);
    } finally {
      disk.closeSync(folder.file);
    }
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    return thrown.because === "gone" ? { kind: "none" } : { kind: "unsafe", says: thrown.message };
  }
}

/** One byte more than there may be is asked for, so that a file which grows meanwhile is not taken for a shorter one. */
function readIn(folder: Folder, name: string, bytesMax: number, disk: AgentDisk): FileLook {
  const { file } = openFile(folder, name, disk);
  try {
    const bytes = Buffer.alloc(bytesMax + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = disk.readSync(file, bytes, length, bytes.length - length, length);
    if (length > bytesMax) return { kind: "unsafe", says: `${name} has more than ${bytesMax} bytes.` };
    return { kind: "file", bytes: bytes.subarray(0, length) };
  } finally {
    disk.closeSync(file);
  }
}

async function moveInto(
  from: Folder,
  name: string,
  to: Folder,
  names: readonly string[],
  disk: AgentDisk,
): Promise<string | null> {
  const free = names.find((each) => disk.lstatSync(path.join(to.at, each), { throwIfNoEntry: false }) === undefined);
  const source = path.join(from.at, name);
  if (disk.lstatSync(source, { throwIfNoEntry: false }) === undefined) {
    await disk.sync(from.file);
    return null;
  }
  if (free === undefined) throw new Error(`${name} is in the way, and every name that it could have is taken`);
  const moved = ifThere(() => disk.renameSync(source, path.join(to.at, free)));
  await disk.sync(to.file);
  await disk.sync(from.file);
  return moved ? free : null;
}

/** False when the name was gone. */
function ifThere(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    return false;
  }
}
