/**
 * A batch of mail as one value: four bytes with the length of a JSON text, the text, then the artifacts' bytes one after the
 * other. One pass and no base64, because the acknowledgement of a delivery waits for it.
 */
import type { ArtifactRef } from "../core/observation.ts";
import type { Artifact, Mail, Through } from "../engine/ports.ts";

type ArtifactRow = readonly [ref: ArtifactRef, bytes: number];
type MailRow = readonly [
  ...head: [Mail["to"], Mail["at"], Mail["by"], Mail["birth"], Mail["events"], Mail["index"]],
  artifacts: readonly ArtifactRow[],
  /** Left out of mail that goes through nobody. */
  ...through: readonly [] | readonly [Through],
];

const LENGTH_BYTES = 4;

export function encodeMail(batch: readonly Mail[]): Buffer {
  const blobs: Uint8Array[] = [];
  let blobBytes = 0;
  const rows = batch.map(({ to, at, by, birth, events, index, through, artifacts }): MailRow => {
    const kept = artifacts.map(({ ref, bytes }): ArtifactRow => {
      blobs.push(bytes);
      blobBytes += bytes.length;
      return [ref, bytes.length];
    });
    const row = [to, at, by, birth, events, index, kept] as const;
    return through === null ? row : [...row, through];
  });
  const text = JSON.stringify(rows);
  const textBytes = Buffer.byteLength(text);
  const value = Buffer.allocUnsafe(LENGTH_BYTES + textBytes + blobBytes);
  value.writeUInt32BE(textBytes);
  value.write(text, LENGTH_BYTES);
  let place = LENGTH_BYTES + textBytes;
  for (const blob of blobs) {
    value.set(blob, place);
    place += blob.length;
  }
  return value;
}

export function decodeMail(value: Buffer): readonly Mail[] {
  let place = LENGTH_BYTES + value.readUInt32BE();
  const rows: readonly MailRow[] = JSON.parse(value.toString("utf8", LENGTH_BYTES, place));
  return rows.map(([to, at, by, birth, events, index, kept, through = null]) => {
    const artifacts = kept.map(([ref, length]): Artifact => {
      const bytes = value.subarray(place, place + length);
      place += length;
      return { ref, bytes };
    });
    return { to, through, at, by, birth, events, index, artifacts };
  });
}
