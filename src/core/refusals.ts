/**
 * Every way the daemon says no over HTTP: code, status, sentence. The README shows this table and a test compares the two.
 * A sentence never says more than an outsider may know: an unknown workspace and an unknown webhook read the same.
 */
export const refusals = {
  ROUTE_UNKNOWN: { status: 404, says: "There is no such endpoint." },
  METHOD_NOT_ALLOWED: { status: 405, says: "This endpoint does not take that method." },
  REQUEST_TIMEOUT: { status: 408, says: "The request did not arrive in time." },
  BODY_TOO_LARGE: { status: 413, says: "The body is over this endpoint's limit." },
  ENCODING_UNSUPPORTED: { status: 415, says: "The body must not be compressed or re-encoded." },
  SIGNATURE_INVALID: { status: 401, says: "The signature is missing or does not match this body." },
  SIGNATURE_RATE: { status: 429, says: "Too many failed signatures from this address." },
  REQUEST_MALFORMED: { status: 400, says: "The request is not well formed." },
  HEADERS_TOO_LARGE: { status: 431, says: "The request headers are too large." },
  DRAINING: { status: 503, says: "The daemon is stopping; send it again." },
  OVERLOADED: { status: 503, says: "Too many deliveries are waiting; send it again." },
  DISK_LOW: { status: 503, says: "The disk is nearly full; send it again." },
  NOT_PERSISTED: { status: 503, says: "The delivery could not be stored; send it again." },
  HOST_UNKNOWN: { status: 421, says: "This address does not serve that host." },
  ORIGIN_REFUSED: { status: 403, says: "Requests from that origin are refused." },
  TOKEN_INVALID: { status: 401, says: "The token is missing or wrong." },
  CODE_INVALID: { status: 401, says: "The login code is wrong, was used, or is too old." },
  LOGIN_RATE: { status: 429, says: "Too many wrong login codes." },
  TEST_RATE: { status: 429, says: "This endpoint was sent a test a moment ago." },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, says: "The body must be JSON, and say so." },
  NOT_FOUND: { status: 404, says: "There is no such thing." },
  RUN_TOKEN: { status: 403, says: "A run's token is good for its own commands only." },
  RUN_UNKNOWN: { status: 404, says: "There is no such run." },
  RUN_AMBIGUOUS: { status: 409, says: "More than one run has that name." },
  NOT_NOW: { status: 409, says: "The run's state does not allow that." },
  DRAFT_UNKNOWN: { status: 404, says: "The run has no such draft." },
  DRAFT_CHANGED: { status: 409, says: "The draft is not what was looked at." },
  APPROVAL_REFUSED: { status: 403, says: "That decision does not count." },
  INTERNAL: { status: 500, says: "The daemon failed; its log says why." },
} as const satisfies Record<string, { readonly status: number; readonly says: string }>;

export type RefusalCode = keyof typeof refusals;
export const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(refusals, text);

/**
 * Why a delivery does not count as signed. `NO_TIME`: a signed time that the scheme has is missing. `MALFORMED`: something of the
 * signature is there and cannot be read. `REENCODED`: the bytes that were signed are no longer there to check.
 */
export type SignatureFault =
  | "NO_SIGNATURE"
  | "REPEATED"
  | "MALFORMED"
  | "MISMATCH"
  | "NO_TIME"
  | "TOO_OLD"
  | "IN_FUTURE"
  | "REENCODED";

/** A refusal is a value. `detail` is for our log; it is never sent. */
export type Refusal = {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly detail: string;
  readonly retryAfterS?: number;
  /** What was wrong with a signature: for whoever looks after the desk, never sent. */
  readonly fault?: SignatureFault;
};

export const refuse = (code: RefusalCode, detail: string, retryAfterS?: number): Refusal =>
  retryAfterS === undefined ? { kind: "refused", code, detail } : { kind: "refused", code, detail, retryAfterS };
