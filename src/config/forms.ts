/** The forms that a text in the configuration can have, and what each of them means. */

export type Form = { readonly format: string; readonly pattern: RegExp; readonly says: string };

/** RFC 9110, section 5.6.2. */
const HEADER = String.raw`[!#$%&'*+.^_\x60|~0-9A-Za-z-]{1,100}`;
const POINTER = String.raw`(?:\/(?:[^~/]|~[01])*)+`;
const FIELD = String.raw`[A-Za-z0-9._-]{1,32}`;

export const forms = {
  name: {
    format: "name",
    pattern: /^[a-z0-9][a-z0-9-]{0,62}$/,
    says: "must be a name: up to 63 of a-z, 0-9 and -, not beginning with -",
  },
  task: {
    format: "task",
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    says: "must be the name of a file in issues/, without .md",
  },
  endpoint: {
    format: "endpoint",
    pattern: /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):\d{1,5}$/,
    says: "must be HOST:PORT",
  },
  console: {
    format: "endpoint-or-off",
    pattern: /^(?:off|(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):\d{1,5})$/,
    says: 'must be HOST:PORT or "off"',
  },
  duration: {
    format: "duration-text",
    pattern: /^[1-9]\d{0,8}(?:ms|s|m|h|d)$/,
    says: "must be a duration, a whole number and one of ms, s, m, h, d",
  },
  size: {
    format: "size-text",
    pattern: /^[1-9]\d{0,8}(?:B|KiB|MiB|GiB)$/,
    says: "must be a size, a whole number and one of B, KiB, MiB, GiB",
  },
  pointer: {
    format: "json-pointer",
    pattern: new RegExp(`^${POINTER}$`),
    says: "must be a JSON Pointer (RFC 6901), a path of names with / before each",
  },
  publicLeaf: {
    format: "leaf-pattern",
    pattern: /^(?:\/[a-z0-9_*]{1,64}){1,16}$/,
    says: "must be a JSON Pointer into the envelope, such as /subject/id, with * for an index",
  },
  artifactKind: {
    format: "artifact-kind",
    pattern: /^[a-z0-9_-]{1,64}$/,
    says: "must be the kind of an artifact, such as webhook_headers",
  },
  witnessKey: {
    format: "witness-key",
    pattern: /^[!-*,-~]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$/,
    says: "must be a witness's vkey, <name>+<8 hex digits>+<base64>",
  },
  url: {
    format: "http-url",
    pattern: /^https?:\/\/[A-Za-z0-9._:[\]-]{1,255}(?:[/?][!-"$-~]{0,2000})?(?:#[!-"$-~]{1,200})?$/,
    says: "must be an http or https URL in ASCII, without a user or a password",
  },
  header: {
    format: "header-name",
    pattern: new RegExp(`^${HEADER}$`),
    says: "must be the name of a header",
  },
  pattern: {
    format: "re2",
    pattern: /^[^]{1,512}$/,
    says: "must be a pattern of 1 to 512 characters",
  },
  separator: {
    format: "separator",
    pattern: /^[ -/:-@[-\x60{-~]{1,4}$/,
    says: "must be 1 to 4 characters of ASCII, none of them a letter or a digit",
  },
  field: {
    format: "field-name",
    pattern: new RegExp(`^${FIELD}$`),
    says: "must be a name of letters, digits, ., _ and -",
  },
  signed: {
    format: "signed-template",
    pattern:
      /^[^{}]{0,200}(?:\{(?:timestamp|id)\}[^{}]{0,200}){0,4}\{body\}[^{}]{0,200}(?:\{(?:timestamp|id)\}[^{}]{0,200}){0,4}$/,
    says: "must hold {body} once, and other braces only as {timestamp} and {id}",
  },
  time: {
    format: "time-source",
    pattern: new RegExp(`^(?:header:${HEADER}|field:${FIELD}|body:${POINTER})$`),
    says: 'must be "header:NAME", "field:NAME" or "body:/pointer"',
  },
  prefix: {
    format: "secret-prefix",
    pattern: /^[!-~]{1,32}$/,
    says: "must be up to 32 characters of ASCII without blanks",
  },
  variable: {
    format: "variable",
    pattern: /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    says: "must be the name of an environment variable",
  },
  deskPath: {
    format: "desk-path",
    pattern: /^[^./\\\p{Cc}][^/\\\p{Cc}]{0,199}(?:\/[^./\\\p{Cc}][^/\\\p{Cc}]{0,199}){0,15}$/u,
    says: "must be the path of a file below the desk, no part of it beginning with a dot",
  },
  decimal: {
    format: "decimal-text",
    pattern: /^(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?$/,
    says: 'must be a decimal in quotes, such as "0.05"',
  },
  symbol: {
    format: "symbol",
    pattern: /^[A-Z0-9](?:[A-Z0-9.-]{0,22}[A-Z0-9])?$/,
    says: "must be a symbol: up to 24 of A-Z, 0-9, . and -, with a letter or digit at both ends",
  },
  zone: {
    format: "time-zone",
    pattern: /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,32}){0,2}$/,
    says: "must be a time zone, such as America/New_York",
  },
  timeOfDay: {
    format: "time-of-day",
    pattern: /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/,
    says: 'must be a time of day, such as "09:30"',
  },
  key: {
    format: "key",
    pattern: /^[a-z][a-z0-9_]{0,62}$/,
    says: "must be a key: up to 63 of a-z, 0-9 and _, beginning with a letter",
  },
  word: {
    format: "word",
    pattern: /^[ -~]{1,128}$/,
    says: "must be up to 128 characters of ASCII",
  },
  secret: {
    format: "secret",
    pattern: /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    says: 'must be "env:VAR", "file:PATH" or a list of these',
  },
} as const satisfies Record<string, Form>;

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_UNITS_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `"20s"` in milliseconds; null for what is no duration. */
export const durationMs = (text: string): number | null => amount(text, forms.duration.pattern, DURATION_UNITS_MS);
/** `"1MiB"` in bytes; null for what is no size. */
export const sizeBytes = (text: string): number | null => amount(text, forms.size.pattern, SIZE_UNITS_BYTES);

function amount(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | null {
  if (!pattern.test(text)) return null;
  const count = Number.parseInt(text, 10);
  const unit = units[text.slice(String(count).length)];
  return unit === undefined ? null : count * unit;
}

const TIME_SOURCES = ["header", "field", "body"] as const;
export type TimeSource = { readonly from: (typeof TIME_SOURCES)[number]; readonly name: string };

/** `"header:X-Time"` in its two parts; null for what is no such place. */
export function timeSourceOf(text: string): TimeSource | null {
  const from = TIME_SOURCES.find((each) => text.startsWith(`${each}:`));
  return from === undefined || !forms.time.pattern.test(text) ? null : { from, name: text.slice(from.length + 1) };
}

/** The shortest way to write a size: 1048576 is `1MiB`. */
export function sizeText(bytes: number): string {
  const [unit, size] = Object.entries(SIZE_UNITS_BYTES).findLast(([, each]) => bytes % each === 0) ?? ["B", 1];
  return `${bytes / size}${unit}`;
}

/** Where to listen. An IPv6 host has no brackets here. Port 0 lets the system choose. */
export type Endpoint = { readonly host: string; readonly port: number };

/** `"127.0.0.1:7430"` or `"[::1]:7430"`; null for what is neither. */
export function endpointOf(text: string): Endpoint | null {
  if (!forms.endpoint.pattern.test(text)) return null;
  const colon = text.lastIndexOf(":");
  const port = Number(text.slice(colon + 1));
  return port > 65_535 ? null : { host: text.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port };
}

export const endpointText = ({ host, port }: Endpoint): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?)$/;
/** Whether the host of a URL or of an endpoint is this machine and nothing else. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** For people and logs: paths and queries of the URLs that notifications go to are often secrets. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return "(no URL)";
  const url = new URL(text);
  if (url.origin === "null") return "(no URL)";
  return url.pathname === "/" && url.search === "" ? url.origin : `${url.origin}/…`;
}
