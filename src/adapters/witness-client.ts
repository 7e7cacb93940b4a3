/** Asks a witness over HTTP (c2sp.org/tlog-witness). What it answers is a stranger's word until its signature has been checked. */
import { reasonOf } from "../core/assert.ts";
import { type AddCheckpoint, writeAddCheckpoint } from "../evidence/log/add-checkpoint.ts";
import { exactDecimal } from "../evidence/log/checkpoint.ts";
import { openNote, type Verifier } from "../evidence/log/note.ts";

export type WitnessPlace = { readonly url: string; readonly verifier: Verifier };

export type WitnessReply =
  /** The signature line, with its line feed; it verifies over the note that was sent. */
  | { readonly kind: "cosigned"; readonly line: string }
  /** Its last size is another than the one that the proof began at. */
  | { readonly kind: "elsewhere"; readonly size: number }
  /** It has cosigned a tree that the note does not continue. */
  | { readonly kind: "contradicts" }
  /** `reason` quotes nothing of the answer. */
  | { readonly kind: "failed"; readonly reason: string };

/** Resolves within the time-out, and soon after the signal. Never rejects. */
export type AskWitness = (place: WitnessPlace, request: AddCheckpoint, signal: AbortSignal) => Promise<WitnessReply>;

const ANSWER_MS_MAX = 5_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const SIZE_MEDIA_TYPE = "text/x.tlog.size";

export const askWitness: AskWitness = async (place, request, signal) => {
  // Not AbortSignal.any: what it makes of a signal that lives long, and is not aborted, is kept.
  const breaking = new AbortController();
  const breakOff = (): void => breaking.abort();
  const timer = setTimeout(breakOff, ANSWER_MS_MAX);
  signal.addEventListener("abort", breakOff, { once: true });
  try {
    if (signal.aborted) return failed("it was not asked");
    const response = await fetch(`${place.url.replace(/\/+$/, "")}/add-checkpoint`, {
      method: "POST",
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: writeAddCheckpoint(request),
      redirect: "manual",
      signal: breaking.signal,
    });
    const text = await readBounded(response);
    return text === undefined ? failed("its answer is too long") : readReply(response, text, request, place.verifier);
  } catch (thrown) {
    if (breaking.signal.aborted) return failed(`it does not answer within ${ANSWER_MS_MAX} ms`);
    return failed(causeOf(thrown));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", breakOff);
    // What was not read of an answer is not waited for either.
    breaking.abort();
  }
};

/** `fetch` says why in the cause; of a host with several addresses that has no words of its own, and each of its parts some. */
function causeOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return cause instanceof AggregateError ? cause.errors.map(reasonOf).join(", ") : reasonOf(cause);
}

function readReply({ status, headers }: Response, text: string, sent: AddCheckpoint, verifier: Verifier): WitnessReply {
  switch (status) {
    case 200: {
      const line = cosignatureIn(text, sent.note, verifier);
      return line === undefined ? failed("its answer holds no cosignature by its key") : { kind: "cosigned", line };
    }
    case 409: {
      const isSize = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() === SIZE_MEDIA_TYPE;
      const size = isSize && text.endsWith("\n") ? exactDecimal(text.slice(0, -1)) : undefined;
      // It agrees on the size and not on the tree.
      return size === undefined || size === sent.old ? { kind: "contradicts" } : { kind: "elsewhere", size };
    }
    case 422:
      return { kind: "contradicts" };
    case 403:
      return failed("it knows no key that signed the checkpoint (403): qoc witness add");
    case 404:
      return failed("it does not know this log, or is no witness (404): qoc witness add");
    default:
      return failed(`it answers ${status}`);
  }
}

/** The first line that is a cosignature by this key over the note; lines of other keys are passed over. */
function cosignatureIn(answer: string, note: string, verifier: Verifier): string | undefined {
  const above = note.slice(0, note.lastIndexOf("\n\n") + 2);
  const lines = answer.split("\n").filter((line) => line.startsWith(`\u2014 ${verifier.name} `));
  const line = lines.find((each) => openNote(`${above}${each}\n`, [verifier]).kind === "note");
  return line === undefined ? undefined : `${line}\n`;
}

/** Undefined for more than an answer may have; what follows is not read. */
async function readBounded(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const failed = (reason: string): WitnessReply => ({ kind: "failed", reason });
