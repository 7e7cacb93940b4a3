/** Ed25519 by WebCrypto for a verifier that cannot wait: it runs on the answers that there are, and again when the open ones have come. */

type Question = { readonly publicKey: Uint8Array; readonly bytes: Uint8Array; readonly signature: Uint8Array };

/** Each key that another one authorised takes up to four: enough for 250 of them in a row. */
const ROUNDS_MAX = 1000;

const answers = new Map<string, boolean>();
const open = new Map<string, Question>();

/** False as long as it is not known. */
export function answerTo(name: string, question: Question): boolean {
  const known = answers.get(name);
  if (known === undefined) open.set(name, question);
  return known ?? false;
}

/**
 * What `judge` gives once all that it asked is answered. Where WebCrypto has no Ed25519 nothing verifies: ask `hasEd25519` first.
 * @throws when there is no end of questions.
 */
export async function settled<T>(judge: () => T): Promise<T> {
  answers.clear();
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    open.clear();
    const verdict = judge();
    if (open.size === 0) return verdict;
    await Promise.all(Array.from(open, async ([name, question]) => answers.set(name, await verifies(question))));
  }
  throw new Error("the signatures do not come to an end");
}

/** A key that WebCrypto does not take, because it is no point or one of small order, verifies nothing. */
async function verifies({ publicKey, bytes, signature }: Question): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", copyOf(publicKey), { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, copyOf(signature), copyOf(bytes));
  } catch {
    return false;
  }
}

/** The base point of RFC 8032, 5.1: a key that every implementation takes. */
const PROBE = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 0x58 : 0x66));

/** Whether this browser can check signatures at all. */
export async function hasEd25519(): Promise<boolean> {
  try {
    await crypto.subtle.importKey("raw", PROBE, { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

/** In a buffer of its own, as WebCrypto's types ask. */
const copyOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
