/**
 * A private key under a passphrase as a standard file: PKCS#8 `EncryptedPrivateKeyInfo`, PBES2 with scrypt (RFC 8018, RFC 7914 section 7) and
 * AES-256-CBC. Node's own export knows only PBKDF2 with 2048 rounds; what is written here is opened by Node and by `openssl pkcs8` all the same.
 */
import { createCipheriv, createPrivateKey, type KeyObject, randomBytes, scryptSync } from "node:crypto";

/** `cost` is N. */
export type ScryptCost = { readonly cost: number; readonly blockSize: number; readonly parallelization: number };

/**
 * OpenSSL opens nothing that takes 32 MiB (N = 2^15 is refused already), so N = 2^14 with more passes: over what OWASP has as the equal of
 * N = 2^17, p = 1, which is (2^14, 8, 5). https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
export const SCRYPT: ScryptCost = { cost: 2 ** 14, blockSize: 8, parallelization: 8 };

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const IV_BYTES = 16;
const LINE = 64;

// The contents of object identifiers, X.690 section 8.19.
const PBES2 = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d); // 1.2.840.113549.1.5.13
const SCRYPT_KDF = Uint8Array.of(0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b); // 1.3.6.1.4.1.11591.4.11
const AES_256_CBC = Uint8Array.of(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a); // 2.16.840.1.101.3.4.1.42

const TAGS = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 } as const;

/** The PEM of this key under this passphrase. Takes a good part of a second, on purpose. */
export function encryptKey(key: KeyObject, passphrase: string, scrypt: ScryptCost = SCRYPT): string {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const secret = scryptSync(Buffer.from(passphrase, "utf8"), salt, KEY_BYTES, scrypt);
  const cipher = createCipheriv("aes-256-cbc", secret, iv);
  const sealed = Buffer.concat([cipher.update(key.export({ type: "pkcs8", format: "der" })), cipher.final()]);
  secret.fill(0);
  const kdf = sequence(
    der(TAGS.oid, SCRYPT_KDF),
    sequence(
      der(TAGS.octets, salt),
      integer(scrypt.cost),
      integer(scrypt.blockSize),
      integer(scrypt.parallelization),
      integer(KEY_BYTES),
    ),
  );
  const encryption = sequence(der(TAGS.oid, AES_256_CBC), der(TAGS.octets, iv));
  const algorithm = sequence(der(TAGS.oid, PBES2), sequence(kdf, encryption));
  return pem(sequence(algorithm, der(TAGS.octets, sealed)));
}

/** Undefined for a wrong passphrase and for a file that is damaged: the cipher cannot tell the two apart. */
export function decryptKey(encrypted: string, passphrase: string): KeyObject | undefined {
  if (!isEncrypted(encrypted)) return undefined;
  try {
    const key = createPrivateKey({ key: encrypted, format: "pem", passphrase: Buffer.from(passphrase, "utf8") });
    return key.asymmetricKeyType === "ed25519" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the text has the armour of an encrypted key; one without a passphrase is never used. */
export const isEncrypted = (text: string): boolean => text.startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n");

/** Tag, length in its shortest form, contents: X.690 sections 8.1 and 10.1. */
function der(tag: number, contents: Uint8Array): Uint8Array {
  const { length } = contents;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), contents]);
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(TAGS.sequence, Buffer.concat(parts));

/** A whole number from 0 to 2^31 - 1, with a zero before it where its first bit would be read as a sign. */
function integer(value: number): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(value, 1);
  const first = bytes.findIndex((byte, i) => i === 4 || byte !== 0);
  const isSigned = ((bytes[first] ?? 0) & 0x80) !== 0;
  return der(TAGS.integer, bytes.subarray(isSigned ? first - 1 : first));
}

function pem(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return ["-----BEGIN ENCRYPTED PRIVATE KEY-----", ...lines, "-----END ENCRYPTED PRIVATE KEY-----", ""].join("\n");
}
