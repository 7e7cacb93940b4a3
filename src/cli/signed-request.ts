/** A delivery signed as its sender would, or spoiled after it was signed. */
import { createHmac } from "node:crypto";
import { usage } from "./errors.ts";

export const TAMPERS = ["body", "signature", "timestamp"] as const;
export type Tamper = (typeof TAMPERS)[number];

export type SignedRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array };

export function signedRequest(
  body: Uint8Array,
  secret: Uint8Array,
  extra: { readonly deliveryId?: string | undefined; readonly tamper?: Tamper | undefined },
): SignedRequest {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return {
    headers: {
      "content-type": "application/json",
      "user-agent": "qoc-send",
      "x-qoc-signature": `sha256=${extra.tamper === "signature" ? spoiledHex(signature) : signature}`,
      ...(extra.deliveryId === undefined ? {} : { "x-qoc-delivery": extra.deliveryId }),
    },
    body: spoiledBody(body, extra.tamper),
  };
}

const spoiledHex = (hex: string): string => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);

function spoiledBody(body: Uint8Array, tamper: Tamper | undefined): Uint8Array {
  switch (tamper) {
    case undefined:
    case "signature":
      return body;
    case "body":
      return Buffer.concat([body, Buffer.from(" ")]);
    case "timestamp":
      return laterBody(body);
  }
}

const TIME = /\b(\d{4})(-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})/;

/** This scheme signs no header with a time: the time that can be spoiled is the one in the body. */
function laterBody(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString("latin1");
  if (!TIME.test(text))
    throw usage(
      "There is no time to tamper with.",
      "The body holds no time such as 2026-07-05T13:45:00Z.",
      "--tamper body",
    );
  return Buffer.from(
    text.replace(TIME, (_, year: string, rest: string) => `${Number(year) + 1}${rest}`),
    "latin1",
  );
}

/** Lines for a shell that sign and send this body with openssl and curl. The secret is read from where it lies, and never printed. */
export function curlLines(url: string, body: Uint8Array, secretSource: string, envFile: boolean): readonly string[] {
  const variable = /^env:(\w+)$/.exec(secretSource)?.[1];
  const secret = variable === undefined ? `$(cat ${quoted(secretSource.replace(/^file:/, ""))})` : `$${variable}`;
  return [
    ...(variable !== undefined && envFile ? ["set -a; . ./.env.qoc; set +a"] : []),
    `BODY=${quoted(Buffer.from(body).toString("utf8"))}`,
    `SIGNATURE=$(printf '%s' "$BODY" | openssl dgst -sha256 -hmac "${secret}" | awk '{print $NF}')`,
    `curl -sS -X POST ${quoted(url)} -H 'Content-Type: application/json' -H "X-Qoc-Signature: sha256=$SIGNATURE" --data-binary "$BODY"`,
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
