/** Lines for a shell that sign and send a delivery with openssl and curl. The secret is read from where it lies, and never printed. */
import type { SignatureScheme } from "../providers/scheme.ts";
import { timeInBody } from "../providers/signed-time.ts";
import { twilioCall } from "../providers/twilio-sign.ts";
import { usage } from "./errors.ts";
import type { Unsigned } from "./signed-request.ts";

export type SecretPlace = {
  /** `env:VAR` or `file:PATH`. */
  readonly source: string;
  /** Whether variables are first read from the desk's `.env.qoc`. */
  readonly envFile: boolean;
};

/** @throws CliError for what no shell can sign or hold */
export function curlLines(scheme: SignatureScheme, unsigned: Unsigned, place: SecretPlace): readonly string[] {
  if (scheme.algorithm === "ed25519") {
    throw usage(
      "These lines cannot be printed.",
      "A desk has the public key of an Ed25519 sender, and only the private one signs.",
      "qoc send --secret env:VAR with the private key (whsk_)",
    );
  }
  const written = scheme.signed === "twilio" ? twilioText(unsigned) : templateText(scheme, unsigned);
  const signature = scheme.algorithm === "token" ? [] : signatureLines(scheme, written.signed);
  const headers = Object.entries(unsigned.headers).filter(([name]) => scheme.id_headers?.[0] !== name);
  return [
    ...secretLines(scheme, place),
    ...written.lines,
    ...signature,
    [
      `curl -sS -X POST ${quoted(written.url)}`,
      ...headers.map(([name, value]) => `-H ${quoted(`${titled(name)}: ${value}`)}`),
      ...signedHeaders(scheme),
      '--data-raw "$BODY"',
    ].join(" "),
  ];
}

function secretLines({ secret }: SignatureScheme, { source, envFile }: SecretPlace): readonly string[] {
  const variable = /^env:(\w+)$/.exec(source)?.[1];
  const read = variable === undefined ? `$(cat ${quoted(source.replace(/^file:/, ""))})` : `$${variable}`;
  return [
    ...(variable !== undefined && envFile ? ["set -a; . ./.env.qoc; set +a"] : []),
    `SECRET="${read}"`,
    ...(secret.prefix === "" ? [] : [`SECRET="\${SECRET#${secret.prefix}}"`]),
    ...(secret.encoding === "utf8"
      ? []
      : [`KEY=$(printf '%s' "$SECRET" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`]),
  ];
}

function signatureLines({ algorithm, encoding, secret }: SignatureScheme, signed: string): readonly string[] {
  const key = secret.encoding === "utf8" ? '-hmac "$SECRET"' : "-mac HMAC -macopt hexkey:$KEY";
  const out = encoding === "hex" ? "| awk '{print $NF}'" : "-binary | openssl base64 -A";
  return [`SIGNATURE=$(printf '%s' ${signed} | openssl dgst -${algorithm} ${key} ${out})`];
}

/** What stands before the signature is made, and the word of the shell that is signed. */
type Written = { readonly lines: readonly string[]; readonly signed: string; readonly url: string };

function templateText(scheme: SignatureScheme, { body, id, url }: Unsigned): Written {
  const { timestamp, signed } = scheme;
  const text = textOf(body);
  const clock = timestamp?.unit === "ms" ? "$(date +%s)000" : "$(date +%s)";
  const time = timestamp?.from === "body" ? timeInBody(body, timestamp.names) : null;
  return {
    lines: [
      ...(timestamp === null ? [] : [`TIMESTAMP=${clock}`]),
      ...(scheme.id_headers === null ? [] : [`ID=${quoted(id ?? "")}`]),
      // The time in the body is that of the moment at which these lines run.
      `BODY=${time === null ? quoted(text) : quoted(text).replaceAll(time, `'"$TIMESTAMP"'`)}`,
    ],
    signed: `"${inDoubleQuotes(signed)}"`,
    url,
  };
}

/** The address and the fields are known now, so what is signed is written out. */
function twilioText({ body, url, public_url, headers }: Unsigned): Written {
  const { pathname, search } = new URL(url);
  const call = twilioCall(body, public_url ?? url, pathname + search, headers["content-type"]);
  if (call.kind === "none") throw usage("This delivery cannot be signed.", `${call.says}.`, "another --data");
  return {
    lines: [`BODY=${quoted(textOf(body))}`],
    signed: quoted(textOf(Buffer.concat(call.content))),
    url: new URL(call.target, url).href,
  };
}

function signedHeaders(scheme: SignatureScheme): readonly string[] {
  const { headers, field, field_separator, item_separator, timestamp, id_headers } = scheme;
  const value = scheme.algorithm === "token" ? "$SECRET" : "$SIGNATURE";
  const item = field === null ? value : `${field}${field_separator ?? ""}${value}`;
  const time =
    timestamp?.from === "field" ? `${timestamp.names[0]}${field_separator ?? ""}$TIMESTAMP${item_separator ?? ""}` : "";
  return [
    ...(id_headers?.[0] === undefined ? [] : [`-H "${titled(id_headers[0])}: $ID"`]),
    ...(timestamp?.from === "header" ? [`-H "${titled(timestamp.names[0])}: $TIMESTAMP"`] : []),
    `-H "${titled(headers[0])}: ${time}${item}"`,
  ];
}

const WORDS: Readonly<Record<string, string>> = { "{body}": "${BODY}", "{timestamp}": "${TIMESTAMP}", "{id}": "${ID}" };

const inDoubleQuotes = (template: string): string =>
  template.replaceAll(/\{(?:body|timestamp|id)\}|[\\"$`]/g, (found) => WORDS[found] ?? `\\${found}`);

/** What a variable of a shell can hold. */
function textOf(body: Uint8Array): string {
  const text = Buffer.from(body).toString("utf8");
  if (!text.includes("\0") && Buffer.from(text).equals(body)) return text;
  throw usage(
    "These lines cannot be printed.",
    "The body is not text that a shell can hold.",
    "qoc send without --print-curl",
  );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** As documents write header names; HTTP does not care. */
const titled = (name: string): string =>
  name.replaceAll(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());
