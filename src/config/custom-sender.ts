/** What `[webhook.scheme]` says, as the providers' descriptor: names of headers in lower case, durations in seconds. */
import { assert } from "../core/assert.ts";
import type { CustomSender, Handshake } from "../providers/provider.ts";
import type { SignatureScheme, TimestampSource } from "../providers/scheme.ts";
import { durationMs, timeSourceOf } from "./forms.ts";
import type { SchemeText } from "./scheme-schema.ts";

export function customSender(text: SchemeText): CustomSender {
  const { event_header, ack_status } = text;
  // Both are a contradiction; of the two the signed one would be the id.
  const id_header = text.signed_id_header ?? text.id_header;
  return {
    scheme: signatureScheme(text),
    id_header: id_header?.toLowerCase() ?? null,
    event_header: event_header?.toLowerCase() ?? null,
    ack_status,
    handshake: handshakeOf(text),
  };
}

/** A prefix that is named is required: a secret without it was copied from the wrong place. */
function signatureScheme(text: SchemeText): SignatureScheme {
  const { algorithm, encoding, signed, signed_id_header, secret_encoding, secret_prefix } = text;
  return {
    algorithm,
    encoding,
    headers: [text.header.toLowerCase()],
    item_separator: text.item_separator ?? null,
    field_separator: text.field_separator ?? null,
    field: text.field ?? null,
    signed,
    timestamp: timestampOf(text),
    id_headers: signed_id_header === undefined ? null : [signed_id_header.toLowerCase()],
    secret: {
      encoding: secret_encoding,
      prefix: secret_prefix ?? "",
      prefix_required: secret_prefix !== undefined,
    },
  };
}

function timestampOf({ timestamp, timestamp_unit, tolerance }: SchemeText): TimestampSource | null {
  if (timestamp === undefined) return null;
  const source = timeSourceOf(timestamp);
  const tolerance_ms = durationMs(tolerance);
  assert(source !== null && tolerance_ms !== null, "a checked scheme's time has its form");
  const name = source.from === "header" ? source.name.toLowerCase() : source.name;
  return { from: source.from, names: [name], unit: timestamp_unit, tolerance_s: tolerance_ms / 1000 };
}

function handshakeOf({ handshake_pointer, handshake_value, handshake_echo }: SchemeText): Handshake | null {
  if (handshake_pointer === undefined || handshake_value === undefined || handshake_echo === undefined) return null;
  return { pointer: handshake_pointer, value: handshake_value, echo: handshake_echo };
}
