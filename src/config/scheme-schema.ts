/** `[webhook.scheme]`: how a sender signs that the daemon does not know by name. Rules between its keys stand in `scheme-rules.ts`. */
import { z } from "zod";
import { forms } from "./forms.ts";
import { choice, duration, number, pointer, TABLE, text } from "./value-kinds.ts";

export const SchemeSchema = z.strictObject(
  {
    algorithm: choice(["sha256", "sha512", "sha1", "ed25519", "token"]).default("sha256").meta({
      description:
        "HMAC with sha256, sha512, or sha1 for old senders; ed25519, the secret a public key; token, the secret itself",
    }),
    encoding: choice(["hex", "base64"]).default("hex").meta({ description: "how the signature is written" }),
    header: text(forms.header).meta({ description: "the header that holds the signature" }),
    item_separator: text(forms.separator)
      .optional()
      .meta({ description: "what stands between the parts of that header; without it there is one" }),
    field_separator: text(forms.separator)
      .optional()
      .meta({ description: "what stands between a part's name and its value; only with field" }),
    field: text(forms.field)
      .optional()
      .meta({ description: "the name of the signature among the parts; other names are skipped" }),
    signed: text(forms.signed)
      .default("{body}")
      .meta({ description: "what is signed: {body}, and as the sender joins them {timestamp} and {id}" }),
    timestamp: text(forms.time).optional().meta({
      description: 'where the signed time stands: "header:NAME", "field:NAME", a part of header, or "body:/pointer"',
    }),
    timestamp_unit: choice(["s", "ms"])
      .default("s")
      .meta({ description: "what that time counts since 1970, seconds or milliseconds" }),
    tolerance: duration("24h")
      .default("5m")
      .meta({ description: "how far that time may be from the daemon's, before it and after it" }),
    signed_id_header: text(forms.header).optional().meta({ description: "the header that holds {id}; only with it" }),
    secret_encoding: choice(["utf8", "base64"])
      .default("utf8")
      .meta({ description: "how the key is made of the secret: its bytes as they are, or what they decode to" }),
    secret_prefix: text(forms.prefix)
      .optional()
      .meta({ description: "what every secret begins with and the key does not" }),
    id_header: text(forms.header).optional().meta({
      description:
        "the header with the sender's id of the delivery, unless the map has it; not with signed_id_header, which is that id",
    }),
    event_header: text(forms.header)
      .optional()
      .meta({ description: "the header that says what kind of event it is, unless the map has it" }),
    ack_status: number([202, 200]).default(202).meta({ description: "the status that the sender counts as received" }),
    handshake_pointer: pointer("where a payload says that it only asks whether the endpoint is yours"),
    handshake_value: text(forms.word).optional().meta({ description: "what such a payload says there" }),
    handshake_echo: pointer("where such a payload holds the text that it wants back"),
  },
  TABLE,
);

/** A scheme as written, defaults filled in. */
export type SchemeText = z.output<typeof SchemeSchema>;
