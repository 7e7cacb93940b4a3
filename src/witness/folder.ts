/**
 * The folder of a witness: `witness.key` (PKCS#8, 0600; for cosignatures and nothing else, because they do not say whose they are),
 * `witness.vkey`, `logs` with the vkey of a log on each line, the memory (memory.ts), and in `adding` the lock of who changes `logs`.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { lockDesk, DeskBusy } from "../adapters/desk-lock.ts";
import { placeWhole, sweepTemporaries } from "../adapters/durable-file.ts";
import { nodeLogDisk } from "../adapters/log-disk.ts";
import { ensureFolder, replaceWhole } from "../adapters/log-replace.ts";
import { reasonOf } from "../core/assert.ts";
import { cosignerOf, isCosigner, type NoteSigner, readVkey, type Verifier } from "../evidence/log/note.ts";
import { openMemory, type WitnessMemory } from "./memory.ts";
import { unusable, WitnessRefused } from "./refused.ts";

export type WitnessFolder = {
  readonly vkey: string;
  readonly name: string;
  /** Of every log that the operator allowed; one origin may have several keys. */
  readonly logs: readonly Verifier[];
  readonly memory: WitnessMemory;
  readonly cosigner: (nowSeconds: number) => NoteSigner;
  /** Reads the list of logs again. @throws WitnessRefused */
  readonly reread: () => readonly Verifier[];
  readonly release: () => void;
};

const READABLE_BY_OTHERS = 0o077;
const LOGS_BYTES_MAX = 1024 * 1024;
/** `<name>+<8 hex digits>+<base64>`; more about it says `readVkey`. */
const NAME = /^[!-*,-~]{1,255}$/;

export const isWitnessName = (name: string): boolean => NAME.test(name);

/**
 * Makes a key of its own. A crash leaves at most the key, which the next call takes.
 * @throws WitnessRefused when a witness is there already
 */
export async function initWitness(folder: string, name: string): Promise<{ readonly vkey: string }> {
  await ensureFolder(folder, new Set(), nodeLogDisk);
  if (existsSync(join(folder, "witness.vkey")))
    throw new WitnessRefused("WITNESS_EXISTS", `${folder} has a witness already`, "another folder");
  sweepTemporaries(folder);
  const keyFile = join(folder, "witness.key");
  if (!existsSync(keyFile)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" }));
    await placeWhole({ folder, names: ["witness.key"], bytes: pem, mode: 0o600 });
  }
  const { vkey } = cosignerOf(name, readKey(keyFile), 0);
  await placeWhole({ folder, names: ["witness.vkey"], bytes: Buffer.from(`${vkey}\n`), mode: 0o644 });
  return { vkey };
}

/**
 * Allows a log. Its memory is there before its name is in the list, and one that is there is never begun again.
 * @throws WitnessRefused
 */
export async function addWitnessLog(folder: string, log: Verifier): Promise<{ readonly added: boolean }> {
  readIdentity(folder);
  // Of the list alone: the witness may be at work meanwhile.
  const lock = lockFolder(join(folder, "adding"), "adds a log to");
  try {
    return await addLog(folder, log);
  } finally {
    lock.release();
  }
}

async function addLog(folder: string, log: Verifier): Promise<{ readonly added: boolean }> {
  const logs = readLogs(folder);
  if (logs.some(({ vkey }) => vkey === log.vkey)) return { added: false };
  const memory = openMemory(folder, nodeLogDisk);
  const isNew = logs.every(({ name }) => name !== log.name);
  if (isNew) await memory.begin(log.name);
  memory.recall(log.name);
  const lines = [...logs, log].map(({ vkey }) => `${vkey}\n`);
  await replaceWhole(folder, "logs", Buffer.from(lines.join("")), nodeLogDisk);
  return { added: true };
}

/** Opens the folder for the one process that cosigns with it. @throws WitnessRefused with everything that is missing or damaged */
export function openWitness(folder: string): WitnessFolder {
  const { verifier, key } = readIdentity(folder);
  const lock = lockFolder(folder, "serves");
  try {
    for (const place of [folder, join(folder, "cosigned"), join(folder, "contradictions")]) sweepTemporaries(place);
    const memory = openMemory(folder, nodeLogDisk);
    const reread = (): readonly Verifier[] => {
      const logs = readLogs(folder);
      for (const { name } of logs) memory.recall(name);
      return logs;
    };
    return {
      vkey: verifier.vkey,
      name: verifier.name,
      logs: reread(),
      memory,
      cosigner: (nowSeconds) => cosignerOf(verifier.name, key, nowSeconds),
      reread,
      release: lock.release,
    };
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

function lockFolder(folder: string, does: "serves" | "adds a log to"): ReturnType<typeof lockDesk> {
  try {
    return lockDesk(folder);
  } catch (thrown) {
    if (!(thrown instanceof DeskBusy)) throw thrown;
    const says = `process ${thrown.pid} ${does} ${folder} already`;
    throw new WitnessRefused(
      "WITNESS_BUSY",
      says,
      does === "serves" ? "one process a witness" : "the same command again",
    );
  }
}

function readIdentity(folder: string): { readonly verifier: Verifier; readonly key: KeyObject } {
  const vkeyFile = join(folder, "witness.vkey");
  if (!existsSync(vkeyFile))
    throw unusable(`${vkeyFile} does not exist`, `qoc witness init ${folder} --name witness.example/w1`);
  const verifier = readVkey(readFileSync(vkeyFile, "utf8").replace(/\n$/, ""));
  if (verifier === undefined || !isCosigner(verifier)) throw unusable(`${vkeyFile} holds no vkey`, "a backup of it");
  const key = readKey(join(folder, "witness.key"));
  if (cosignerOf(verifier.name, key, 0).vkey !== verifier.vkey)
    throw unusable(`${vkeyFile} is not the public half of witness.key`, "a backup of the two");
  return { verifier, key };
}

function readKey(file: string): KeyObject {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined)
    throw unusable(`${file} does not exist`, "a backup of it, or a new witness: qoc witness init");
  if ((found.mode & READABLE_BY_OTHERS) !== 0) throw unusable(`${file} can be read by others`, `chmod 600 ${file}`);
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (thrown) {
    throw unusable(`${file} cannot be read as a key: ${reasonOf(thrown)}`, "a backup of it");
  }
  throw unusable(`${file} is no Ed25519 key`, "a backup of it");
}

/** None when there is no list yet. @throws WitnessRefused for a line that is no vkey of a log */
function readLogs(folder: string): readonly Verifier[] {
  const file = join(folder, "logs");
  const found = nodeLogDisk.look(file);
  if (found === "none") return [];
  if (found === "other" || found.length > LOGS_BYTES_MAX) throw unusable(`${file} cannot be read`, "a backup of it");
  const lines = Buffer.from(found)
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line, at) => {
    const log = readVkey(line);
    if (log === undefined || isCosigner(log))
      throw unusable(`line ${at + 1} of ${file} is no vkey of a log`, "remove it");
    return log;
  });
}
