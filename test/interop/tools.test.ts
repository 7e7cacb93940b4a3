/** What lies on a desk, through tools that know nothing of us: `openssl` for signatures, `sha256sum` for artifacts, Python's hashlib for the hashes. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cosignerOf, signNote, signerOf } from "../../src/evidence/log/note.ts";
import { writeCheckpoint } from "../../src/evidence/log/checkpoint.ts";
import { leafBytes } from "../../src/evidence/log/leaf.ts";
import { leafHash, nodeHash } from "../../src/evidence/log/tree.ts";
import { seal } from "../../src/evidence/seal.ts";
import { packOf } from "../unit/evidence/pack/pack-support.ts";
import { keyOf } from "../unit/evidence/log/note-vectors.ts";
import { BODY, HEADERS, job, looseOf, privateKey, publicPem, signer, type Loose } from "../unit/evidence/support.ts";

const { bytes, seal_hash } = seal(job(), signer);
const document = looseOf(bytes);
const pack = looseOf(packOf(bytes).bytes);

const folder = mkdtempSync(join(tmpdir(), "qoc-interop-"));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return name;
};
const run = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { cwd: folder, encoding: "utf8" });
const lacks = (command: string, argument: string): boolean => {
  const isMissing = spawnSync(command, [argument]).status !== 0;
  if (isMissing) process.stdout.write(`skipped: ${command} is not here\n`);
  return isMissing;
};

describe.skipIf(lacks("openssl", "version"))("openssl pkeyutl", () => {
  put("evidence.pub", publicPem);
  const verdict = (message: Uint8Array, signature: Uint8Array, key = "evidence.pub"): string => {
    put("message", message);
    put("signature", signature);
    const ran = run(
      ...(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", "message", "-sigfile"] as const),
      "signature",
    );
    return ran.stdout.trim();
  };
  const GOOD = "Signature Verified Successfully";
  const BAD = "Signature Verification Failure";

  test.each([
    ["the envelope's", document.integrity.dsse],
    ["the exporter's", pack.export_dsse],
  ])("verifies %s DSSE signature over the bytes that the DSSE page names", (_name, dsse: Loose) => {
    const payload = Buffer.from(dsse.payload, "base64");
    const type = dsse.payloadType;
    const message = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
    const signature = Buffer.from(dsse.signatures[0].sig, "base64");
    expect(verdict(message, signature)).toBe(GOOD);
    expect(verdict(Buffer.concat([message, Buffer.from(" ")]), signature)).toBe(BAD);
  });

  const text = writeCheckpoint({ origin: "localhost/equity-desk/log", size: 1, root: Buffer.alloc(32, 3) });
  const blobOf = (note: string, line: number): Buffer =>
    Buffer.from(note.split("\n\n")[1]?.split("\n")[line]?.split(" ")[2] ?? "", "base64");

  test("verifies a checkpoint's signature over the note's text, behind the four bytes of the key's id", () => {
    const note = signNote(text, [signerOf("localhost/equity-desk/log", privateKey)]);
    expect(verdict(Buffer.from(text), blobOf(note, 0).subarray(4))).toBe(GOOD);
    expect(verdict(Buffer.from(text.replace("\n1\n", "\n2\n")), blobOf(note, 0).subarray(4))).toBe(BAD);
  });

  test("verifies a witness's cosignature over the time and the text", () => {
    const key = keyOf(21);
    const time = 1_783_259_101;
    const note = signNote(text, [
      signerOf("localhost/equity-desk/log", privateKey),
      cosignerOf("w.example", key, time),
    ]);
    put("witness.key", String(key.export({ format: "pem", type: "pkcs8" })));
    put("witness.pub", run("openssl", "pkey", "-in", "witness.key", "-pubout").stdout);
    const blob = blobOf(note, 1);
    expect(blob.readBigUInt64BE(4)).toBe(BigInt(time));
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
    expect(verdict(message, blob.subarray(12), "witness.pub")).toBe(GOOD);
    expect(verdict(Buffer.from(text), blob.subarray(12), "witness.pub")).toBe(BAD);
  });

  test("gives the public key whose hash is the keyid", () => {
    const der = spawnSync("openssl", ["pkey", "-pubin", "-in", "evidence.pub", "-outform", "DER"], {
      cwd: folder,
    }).stdout;
    put("raw", der.subarray(-32));
    const told = run("openssl", "dgst", "-sha256", "-r", "raw").stdout;
    expect(told.split(" ")[0]).toBe(document.integrity.dsse.signatures[0].keyid);
  });
});

describe.skipIf(lacks("sha256sum", "--version"))("sha256sum", () => {
  const hashes: readonly string[] = document.artifacts.map(({ sha256 }: Loose) => sha256);

  test("checks the artifacts by the names that they have", () => {
    const files = [BODY, HEADERS].map((artifact, n) => put(hashes[n] ?? "", artifact));
    const ran = spawnSync("sha256sum", ["--check", "--strict"], {
      cwd: folder,
      encoding: "utf8",
      input: files.map((file) => `${file}  ${file}\n`).join(""),
    });
    expect([ran.status, ran.stdout]).toEqual([0, files.map((file) => `${file}: OK\n`).join("")]);
    expect(hashes).toHaveLength(2);
  });
});

describe.skipIf(lacks("python3", "--version"))("Python's hashlib", () => {
  /** What is printed of the expression, `d` being the parsed input and `j` its JSON text, sorted and without blanks. */
  const say = (expression: string, input: unknown): string => {
    const program = [
      "import base64, hashlib, hmac, json, sys",
      "d = json.load(sys.stdin)",
      "j = lambda x: json.dumps(x, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()",
      "h = lambda label, x: hashlib.sha256(label + b'\\n' + j(x)).hexdigest()",
      `print(${expression})`,
    ].join("\n");
    const ran = spawnSync("python3", ["-c", program], { input: JSON.stringify(input), encoding: "utf8" });
    expect(ran.stderr).toBe("");
    return ran.stdout.trim();
  };
  const chain: readonly Loose[] = document.integrity.hash_chain;

  test("gives the seal's hash, and from link to link the head", () => {
    expect(say("h(b'qoc.evidence/v1/seal', d)", document.integrity.seal)).toBe(seal_hash);
    const links = say("' '.join(h(b'qoc.evidence/v1/link', link) for link in d)", chain).split(" ");
    expect(links).toEqual([...chain.slice(1).map(({ prev }) => prev), document.integrity.head_entry_hash]);
  });

  test("gives the commitments of a link from the disclosure key", () => {
    const told = say(
      "' '.join(base64.urlsafe_b64encode(hashlib.sha256(base64.urlsafe_b64encode(j([s(n), p, d[2][p]])).rstrip(b'=')).digest()).decode().rstrip('=') " +
        "for x in [hashlib.shake_256(base64.b64decode(d[0]) + b'qoc.evidence/v1/salts' + d[1].to_bytes(4, 'big')).digest(16 * len(d[2]))] " +
        "for s in [lambda n: base64.urlsafe_b64encode(x[16 * n:16 * n + 16]).decode().rstrip('=')] " +
        "for n, p in enumerate(sorted(d[2])))",
      [Buffer.from(document.integrity.disclosure_key, "base64url").toString("base64"), 3, valuesOf(chain[3])],
    );
    const fields: Readonly<Record<string, string>> = chain[3].fields;
    expect(told.split(" ")).toEqual(
      Object.keys(fields)
        .toSorted()
        .map((pointer) => fields[pointer]),
    );
  });

  /** The document's values at the pointers of a link's commitments. */
  const valuesOf = (link: Loose): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.keys(link.fields).map((pointer) => [
        pointer,
        pointer
          .slice(1)
          .split("/")
          .reduce((value, name) => value[name], document),
      ]),
    );

  test("gives the root of a log of two leaves", () => {
    const leaves = [leafBytes({ kind: "seal", seal: seal_hash }), leafBytes({ kind: "erasure", of: 0 })];
    const [left = new Uint8Array(), right = new Uint8Array()] = leaves.map(leafHash);
    const told = say(
      "hashlib.sha256(b'\\x01' + b''.join(hashlib.sha256(b'\\x00' + x.encode()).digest() for x in d)).hexdigest()",
      leaves.map((leaf) => Buffer.from(leaf).toString()),
    );
    expect(told).toBe(Buffer.from(nodeHash(left, right)).toString("hex"));
  });
});
