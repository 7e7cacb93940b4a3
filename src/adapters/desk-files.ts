import { dirname, join } from "node:path";
import type { DeskFiles } from "../desk/erasure.ts";
import { type Disk, nodeDisk } from "./disk.ts";

/** Files of one desk, by their path below its folder. `read` throws for a name that something else has, and for what may not be read. */
export const createDeskFiles = (dir: string, disk: Disk = nodeDisk): DeskFiles => ({
  read: (file) => {
    const found = disk.look(join(dir, file));
    if (found === "none") return undefined;
    // Not taken for gone: what it holds would stay, and nobody would be told.
    if (found === "other")
      throw new Error(`${file} is no file that can be read: open it to the daemon, or move it away`);
    return found;
  },
  remove: async (file) => {
    const path = join(dir, file);
    if (disk.look(path) !== "none") disk.remove(path);
    // Also when it was gone: whoever took it away may have died before this.
    await disk.syncFolder(dirname(path));
  },
});
