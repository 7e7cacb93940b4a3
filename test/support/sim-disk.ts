/** The desk's files as maps, which no crash takes back: what was written was synced. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { eraseWork } from "../../src/adapters/clerk-erasure.ts";
import { basename } from "node:path";
import { sha256Of } from "../../src/core/ids.ts";
import { renderInboxItem } from "../../src/desk/inbox-item.ts";
import type { EraseJob, InboxJob, Job, JobDone, SealJob } from "../../src/desk/jobs.ts";
import { signerOf } from "../../src/evidence/keys.ts";
import { seal } from "../../src/evidence/seal.ts";

export type SimDisk = {
  /** By name. */
  readonly inbox: Map<string, Uint8Array>;
  readonly evidence: Map<string, Uint8Array>;
  /** What was tried and must never be. */
  readonly outrages: string[];
  readonly publicKey: Uint8Array;
  /** Seals whose erasure was logged. */
  readonly erasures: Set<string>;
  readonly perform: (job: Job) => JobDone;
  /** By their path below the desk. */
  readonly read: (file: string) => Uint8Array | undefined;
  readonly remove: (file: string) => void;
};

/** An Ed25519 key in PKCS#8 (RFC 8410) is this prefix and 32 bytes. */
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

function keyFrom(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, secret]), format: "der", type: "pkcs8" });
}

export function createSimDisk(secret: Uint8Array): SimDisk {
  const inbox = new Map<string, Uint8Array>();
  const evidence = new Map<string, Uint8Array>();
  const outrages: string[] = [];
  const signer = signerOf(keyFrom(secret).export({ format: "pem", type: "pkcs8" }).toString());

  function writeItem(job: InboxJob): JobDone {
    const { names, bytes, isEdited } = renderInboxItem(job);
    const isThere = (name: string): boolean => {
      const found = inbox.get(name);
      return found !== undefined && (Buffer.compare(found, bytes) === 0 || isEdited(found));
    };
    const name = names.find(isThere) ?? names.find((each) => !inbox.has(each));
    if (name === undefined) throw new Error("every name is taken");
    if (!inbox.has(name)) inbox.set(name, bytes);
    const sha256 = sha256Of(createHash("sha256").update(bytes).digest("hex"));
    return { kind: "inbox", file: `inbox/${name}`, sha256, bytes: bytes.byteLength };
  }

  function sealRun(job: SealJob): JobDone {
    const { evidence_id, seal_hash, bytes } = seal(job, signer);
    const name = `${evidence_id}.json`;
    const found = evidence.get(name);
    if (found !== undefined && Buffer.compare(found, bytes) !== 0)
      outrages.push(`${name} was sealed anew with other bytes`);
    else evidence.set(name, bytes);
    return { kind: "seal", evidence_id, seal_hash, file: `.qoc/evidence/${name}` };
  }

  function look(path: string): Uint8Array | "none" {
    if (path.endsWith("evidence.pub")) {
      return Buffer.from(createPublicKey(keyFrom(secret)).export({ format: "pem", type: "spki" }));
    }
    return evidence.get(basename(path)) ?? "none";
  }

  function erase(job: EraseJob): JobDone {
    const work = eraseWork(job, { signer, retired: [] }, { look });
    if ("kind" in work) return work;
    const { names, bytes } = work.placement;
    const name = names[0] ?? "";
    if (!evidence.has(name)) evidence.set(name, bytes);
    else if (Buffer.compare(evidence.get(name) ?? bytes, bytes) !== 0) outrages.push(`${name} was made anew`);
    return work.doneAs(name);
  }

  const folderOf = (file: string): Map<string, Uint8Array> => (file.startsWith("inbox/") ? inbox : evidence);
  return {
    inbox,
    evidence,
    outrages,
    publicKey: signer.publicKey,
    erasures: new Set(),
    perform: (job) => {
      switch (job.kind) {
        case "inbox":
          return writeItem(job);
        case "seal":
          return sealRun(job);
        case "erase":
          return erase(job);
      }
    },
    read: (file) => folderOf(file).get(basename(file)),
    remove: (file) => void folderOf(file).delete(basename(file)),
  };
}
