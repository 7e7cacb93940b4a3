/**
 * How a sender signs. Data only, so that a further sender is a further descriptor and no further code, and so that a person can
 * write one in `desk.toml`. Header names are lower case.
 */
export type SignatureScheme = {
  /** `token`: the header holds the secret itself and says nothing about the body. `ed25519`: the secret is a public key. */
  readonly algorithm: "sha1" | "sha256" | "sha512" | "ed25519" | "token";
  readonly encoding: "hex" | "base64";
  /** The first of these names that a request has is read. One name except where a sender is known under two. */
  readonly headers: readonly [string, ...string[]];
  /** Stands between several signatures. Null: the header holds one, and a repeated header is refused. */
  readonly item_separator: string | null;
  /** Stands between the name of a signature and the signature. Null: signatures have no names. */
  readonly field_separator: string | null;
  /** The name a signature has here; those under other names are skipped. Compared without regard to case. */
  readonly field: string | null;
  /**
   * What is signed, as bytes: a template of `{body}`, `{timestamp}` and `{id}`; or `twilio`, its own rule over the public URL and
   * the form's fields.
   */
  readonly signed: string;
  readonly timestamp: TimestampSource | null;
  /** The headers that hold `{id}`, by the place of the signature's header; null where nothing of the kind is signed. */
  readonly id_headers: readonly string[] | null;
  readonly secret: SecretForm;
};

/** Where the signed time stands. Never outside what is signed. */
export type TimestampSource = {
  /** `header`: of these names, by the place of the signature's header. `field`: an item of the signature's header. `body`: a JSON Pointer. */
  readonly from: "header" | "field" | "body";
  readonly names: readonly [string, ...string[]];
  readonly unit: "s" | "ms";
  /** Into the past and into the future alike. */
  readonly tolerance_s: number;
};

export type SecretForm = {
  /** What of the secret's text is the key: its UTF-8 bytes, or what it decodes to. */
  readonly encoding: "utf8" | "base64";
  /** Taken off before decoding. A secret that lacks a prefix that is `required` does not belong to this scheme. */
  readonly prefix: string;
  readonly prefix_required: boolean;
  /** How secrets of the sender's other schemes begin: none of those is one for this, however damaged it is. */
  readonly prefixes_refused?: readonly string[];
};

/** One signature of HMAC-SHA256 over the body as it came: what most senders do. */
export const hmacOfBody = (
  header: string,
  prefix: "sha256=" | "",
  encoding: "hex" | "base64" = "hex",
): SignatureScheme => ({
  algorithm: "sha256",
  encoding,
  headers: [header],
  item_separator: null,
  field_separator: prefix === "" ? null : "=",
  field: prefix === "" ? null : prefix.slice(0, -1),
  signed: "{body}",
  timestamp: null,
  id_headers: null,
  secret: { encoding: "utf8", prefix: "", prefix_required: false },
});
