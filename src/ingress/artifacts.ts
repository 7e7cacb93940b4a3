/** What is kept of a request: its bytes, and those of its headers that say how to read them and that they were signed. */
import { hash } from "node:crypto";
import { sha256Of, type Sha256 } from "../core/ids.ts";
import type { Artifact } from "../engine/ports.ts";

const MEDIA_TYPE_UNKNOWN = "application/octet-stream";
const MEDIA_TYPE_CHARS_MAX = 255;

export const sha256OfBytes = (bytes: Uint8Array): Sha256 => sha256Of(hash("sha256", bytes, "hex"));

export const requestArtifact = (mediaType: string, body: Uint8Array, sha256: Sha256): Artifact =>
  artifact("webhook_request", mediaType, sha256, body);

/** Names and values as a list: a name that a sender chose is never a key. */
export function headersArtifact(kept: readonly { readonly name: string; readonly value: string }[]): Artifact {
  const bytes = Buffer.from(JSON.stringify(kept));
  return artifact("webhook_headers", "application/json", sha256OfBytes(bytes), bytes);
}

const artifact = (kind: string, media_type: string, sha256: Sha256, bytes: Uint8Array): Artifact => ({
  ref: { sha256, kind, media_type, bytes: bytes.length, class: "internal" },
  bytes,
});

export const mediaTypeOf = (sent: string | undefined): string =>
  sent === undefined || sent === "" || sent.length > MEDIA_TYPE_CHARS_MAX ? MEDIA_TYPE_UNKNOWN : sent;
