import * as fs from "node:fs";
import { type Disk, nodeDisk } from "./disk.ts";

/** What the log asks of a disk beyond whole files: one file that grows, and one name that changes its file in one step. */
export interface LogDisk extends Disk {
  /** Makes one folder in a folder that is there. Throws `EEXIST` and `ENOENT`. */
  readonly makeFolder: (path: string) => void;
  /** Takes away an empty folder. */
  readonly removeFolder: (path: string) => void;
  /** Gives a file another name, in place of the file that had it. */
  readonly rename: (from: string, to: string) => void;
  /** A file to be read anywhere and written at its end; made, empty, when it is not there. */
  readonly openEnd: (path: string, mode: number) => number;
  /** Bytes from an offset on; fewer than asked for only where the file ends. */
  readonly readAt: (file: number, from: number, bytes: number) => Uint8Array;
  /** Drops what stands behind the first `length` bytes. */
  readonly cut: (file: number, length: number) => void;
}

export const nodeLogDisk: LogDisk = {
  ...nodeDisk,
  makeFolder: (path) => fs.mkdirSync(path),
  removeFolder: (path) => fs.rmdirSync(path),
  rename: (from, to) => fs.renameSync(from, to),
  openEnd: (path, mode) => fs.openSync(path, "a+", mode),
  readAt: (file, from, bytes) => {
    const buffer = Buffer.alloc(bytes);
    let got = 0;
    while (got < bytes) {
      const read = fs.readSync(file, buffer, got, bytes - got, from + got);
      if (read === 0) break;
      got += read;
    }
    return buffer.subarray(0, got);
  },
  cut: (file, length) => fs.ftruncateSync(file, length),
};
