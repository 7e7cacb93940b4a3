/**
 * The desk's body key: what filtered webhooks are known again by without anybody being able to check a guess at what was masked. Made at
 * the first start. Another one in its place would make every delivery to a filtered webhook one that never came before, and its work
 * would be done twice: `body.id`, the key's SHA-256, lies beside it, so that a key that is lost or exchanged is refused.
 */
import { hash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { reasonOf } from "../core/assert.ts";
import { nodeDisk } from "./disk.ts";
import { placeWhole } from "./durable-file.ts";
import { KeyFilesRefused } from "./key-files.ts";

const KEY_BYTES = 32;
const READABLE_BY_OTHERS = 0o077;

/**
 * The key has its name first: a crash between the two leaves it alone, and the next start makes its id.
 * @throws KeyFilesRefused, or ClerkFailure when the disk does not take them
 */
export async function openBodyKey(dir: string): Promise<Uint8Array> {
  const folder = join(dir, ".qoc", "keys");
  const files = { key: join(folder, "body.key"), id: join(folder, "body.id") };
  if (!isThere(files.key)) {
    if (isThere(files.id)) throw new KeyFilesRefused(keyMissing(files.key, files.id));
    await generate(folder);
  }
  if ((statSync(files.key).mode & READABLE_BY_OTHERS) !== 0)
    throw new KeyFilesRefused(`${files.key} can be read by others. Close it: chmod 600 ${files.key}`);
  const key = read(files.key);
  if (key.length !== KEY_BYTES)
    throw new KeyFilesRefused(`${files.key} does not hold a key of ${KEY_BYTES} bytes. Restore it from a backup.`);
  const id = Buffer.from(`${hash("sha256", key, "hex")}\n`);
  if (!isThere(files.id)) await placeWhole({ folder, names: ["body.id"], mode: 0o444, bytes: id });
  else if (Buffer.compare(read(files.id), id) !== 0)
    throw new KeyFilesRefused(`${files.key} is not the key that ${files.id} names. Restore it from a backup.`);
  return key;
}

const isThere = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;

const keyMissing = (key: string, id: string): string =>
  `${key} is missing while ${id} is there. Restore it from a backup. If it is lost, remove ${id} and start again: a new key is made, ` +
  `and a delivery to a filtered webhook that comes again is then taken for a new one, so its work is done twice.`;

async function generate(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await nodeDisk.syncFolder(dirname(folder));
  await placeWhole({ folder, names: ["body.key"], mode: 0o600, bytes: randomBytes(KEY_BYTES) });
}

function read(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (thrown) {
    throw new KeyFilesRefused(`${file} cannot be read as a key: ${reasonOf(thrown)}`);
  }
}
