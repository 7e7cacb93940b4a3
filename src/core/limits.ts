/** Every bound of the daemon, unit last. What a person may set stands in `config/schema.ts` with these as defaults. */
export const BODY_BYTES_DEFAULT = 1024 * 1024;
export const BODY_BYTES_MAX = 25 * 1024 * 1024;
/** Deliveries acknowledged but not yet stepped; beyond it the ingress answers 503. */
export const MAIL_WAITING_MAX = 20_000;
export const MAIL_WAITING_BYTES_MAX = 128 * 1024 * 1024;
/** Deliveries that share one flush. */
export const MAIL_BATCH_MAX = 256;
/** Things told to one actor that are worked on in one go. */
export const MAILBOX_BATCH_MAX = 10_000;
/** Runs that begin in one commit with the subject that they go through. */
export const THROUGH_BATCH_MAX = 64;
/** Bytes of large bodies that are taken in at once, over all webhooks; beyond it senders get 503 and come back. */
export const LARGE_BYTES_IN_FLIGHT_MAX = 128 * 1024 * 1024;
/** Effects in flight over all lanes. */
export const EFFECTS_IN_FLIGHT_MAX = 256;
/** Microsteps of one macrostep: more is a loop of ours. */
export const MICROSTEPS_MAX = 64;
export const JSON_DEPTH_MAX = 512;
/** Artifacts up to this size lie in the store, larger ones in files by hash. */
export const ARTIFACT_INLINE_BYTES_MAX = 256 * 1024;
/** `setTimeout` holds 31 bits of milliseconds; a longer wait is made of several. */
export const TIMEOUT_MS_MAX = 2 ** 31 - 1;
/** Of a document of evidence. A value costs bytes in the chain too: what is larger than this by its values alone is made to cost memory. */
export const EVIDENCE_BOUNDS = { depthMax: JSON_DEPTH_MAX, valuesMax: 2 ** 20 } as const;
export const ENVELOPE_BYTES_MAX = 16 * 1024 * 1024;
