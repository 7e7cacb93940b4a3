/** A delivery signed as its sender would, or spoiled: after it was signed, or by signing what was not sent. */
import type { Provider } from "../providers/provider.ts";
import type { SignatureScheme } from "../providers/scheme.ts";
import { sign, type Signed } from "../providers/sign.ts";
import { timeInBody } from "../providers/signed-time.ts";
import { usage } from "./errors.ts";

export const TAMPERS = ["body", "signature", "timestamp"] as const;
export type Tamper = (typeof TAMPERS)[number];

/** What is to be sent, before anybody signed it. */
export type Unsigned = {
  readonly url: string;
  /** What the sender calls, where that is not `url`. */
  readonly public_url: string | null;
  /** Lower case. The content type is among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly id: string | null;
  /** Milliseconds since 1970. */
  readonly at: number;
};

export type SignedRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** @throws CliError when no scheme of the provider can sign with this secret, or there is nothing to tamper with */
export function signedRequest(
  provider: Provider,
  secret: Uint8Array,
  unsigned: Unsigned,
  tamper?: Tamper,
): SignedRequest {
  const scheme = schemeFor(provider, secret, unsigned);
  switch (tamper) {
    case undefined:
      return sealed(scheme, secret, unsigned, unsigned.body);
    case "body":
      return sealed(scheme, secret, unsigned, changed(unsigned.body));
    case "signature":
      return withOtherSignature(scheme, secret, unsigned);
    case "timestamp":
      return withOtherTime(scheme, secret, unsigned);
  }
}

/** The strongest that this secret is one for. */
export function schemeFor(provider: Provider, secret: Uint8Array, unsigned: Unsigned): SignatureScheme {
  const reasons: string[] = [];
  for (const scheme of provider.schemes) {
    const made = signed(scheme, secret, unsigned);
    if (made.kind === "signed") return scheme;
    reasons.push(made.says);
  }
  throw usage(
    `This delivery cannot be signed as ${provider.name} does.`,
    `${reasons.join("; ")}.`,
    "--secret env:VAR with the secret that the sender has, or another --data",
  );
}

/** What is signed as `unsigned` and sent with this body. */
function sealed(scheme: SignatureScheme, secret: Uint8Array, unsigned: Unsigned, body: Uint8Array): SignedRequest {
  const made = mustSign(scheme, secret, unsigned);
  return {
    url: made.target === null ? unsigned.url : new URL(made.target, unsigned.url).href,
    headers: { ...unsigned.headers, ...made.headers },
    body,
  };
}

function mustSign(scheme: SignatureScheme, secret: Uint8Array, unsigned: Unsigned): Signed {
  const made = signed(scheme, secret, unsigned);
  if (made.kind === "signed") return made;
  throw usage("This delivery cannot be signed.", `${made.says}.`, "another --data");
}

function signed(scheme: SignatureScheme, secret: Uint8Array, unsigned: Unsigned): ReturnType<typeof sign> {
  const { pathname, search } = new URL(unsigned.url);
  return sign(scheme, secret, {
    ...unsigned,
    public_url: unsigned.public_url ?? unsigned.url,
    target: pathname + search,
    content_type: unsigned.headers["content-type"],
  });
}

const changed = (body: Uint8Array): Uint8Array => Buffer.concat([body, Buffer.from(" ")]);

/** Well formed, and of another body; a token, which is of no body, is another token. */
function withOtherSignature(scheme: SignatureScheme, secret: Uint8Array, unsigned: Unsigned): SignedRequest {
  return scheme.algorithm === "token"
    ? sealed(scheme, Buffer.concat([secret, Buffer.from("x")]), unsigned, unsigned.body)
    : sealed(scheme, secret, { ...unsigned, body: changed(unsigned.body) }, unsigned.body);
}

const BEYOND_TOLERANCE_MS = 60_000;

/** Where a time is signed, an old one, under a signature that holds. Elsewhere the time in the body, changed after signing. */
function withOtherTime(scheme: SignatureScheme, secret: Uint8Array, unsigned: Unsigned): SignedRequest {
  if (scheme.timestamp === null) return sealed(scheme, secret, unsigned, laterBody(unsigned.body));
  const { from, names, tolerance_s, unit } = scheme.timestamp;
  const at = unsigned.at - tolerance_s * 1000 - BEYOND_TOLERANCE_MS;
  if (from !== "body") return sealed(scheme, secret, { ...unsigned, at }, unsigned.body);
  const now = timeInBody(unsigned.body, names) ?? "";
  const body = replaced(unsigned.body, (text) => text.replaceAll(now, `${unit === "s" ? Math.floor(at / 1000) : at}`));
  return sealed(scheme, secret, { ...unsigned, body }, body);
}

const replaced = (body: Uint8Array, change: (text: string) => string): Uint8Array =>
  Buffer.from(change(Buffer.from(body).toString("latin1")), "latin1");

const TIME = /\b(\d{4})(-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})/;

function laterBody(body: Uint8Array): Uint8Array {
  const later = replaced(body, (text) =>
    text.replace(TIME, (_, year: string, rest: string) => `${Number(year) + 1}${rest}`),
  );
  if (!Buffer.from(later).equals(body)) return later;
  throw usage(
    "There is no time to tamper with.",
    "Nothing here signs a time, and the body holds none such as 2026-07-05T13:45:00Z.",
    "--tamper body",
  );
}
