/** What was masked in a delivery before anything of it was stored. The words alone: `src/redaction` does it. */

/** One rule at one place. `path` is a JSON Pointer (RFC 6901) into the delivery as it is kept: `/body…` or `/headers/<name>`. */
export type Masked = {
  /** `*` where no rule of the desk did it. */
  readonly rule_id: string;
  readonly path: string;
  readonly match_type: string;
  readonly match_count: number;
  /** Bytes of UTF-8 that are gone. */
  readonly masked_len: number;
};

/** Of a delivery to a webhook that stores what is filtered. */
export type Filtered = {
  readonly redactions: readonly Masked[];
  /**
   * Hex HMAC-SHA256 of the bytes as received, under the run's disclosure key: who has key and bytes can check that they belong
   * together, and nobody else can check a guess. Null where a person made a run of a redelivery: its key never met the bytes.
   */
  readonly raw_bytes_committed: string | null;
};
