/** Rules between the keys of `[webhook.scheme]`: what would never verify, or would seem to prove what it does not. */
import type { TomlTable } from "smol-toml";
import { isCredential } from "../providers/kept-headers.ts";
import { templateFault } from "../providers/signed-template.ts";
import { forms, timeSourceOf } from "./forms.ts";
import { aboutValue, type Finding } from "./problem.ts";
import type { Path } from "./toml-locator.ts";

export const schemeContradictions = (scheme: TomlTable, path: Path): readonly Finding[] => [
  ...(scheme["algorithm"] === "token"
    ? tokenSignsNothing(scheme, path)
    : [...timeIsSigned(scheme, path), ...idIsSigned(scheme, path), ...cutInOneWay(scheme, path)]),
  ...partsAreNamed(scheme, path),
  ...timeInParts(scheme, path),
  ...separatorsTellApart(scheme, path),
  ...headersApart(scheme, path),
  ...headersOpen(scheme, path),
  ...handshakeWhole(scheme, path),
];

const OF_SIGNATURES = [
  "encoding",
  "signed",
  "timestamp",
  "signed_id_header",
  "secret_encoding",
  "secret_prefix",
] as const;

function tokenSignsNothing(scheme: TomlTable, path: Path): readonly Finding[] {
  const says = 'must be left out with algorithm = "token": the header holds the secret itself, and nothing is signed';
  return OF_SIGNATURES.filter((key) => scheme[key] !== undefined).map((key) => aboutValue([...path, key], says));
}

/** A time that is not signed can be set anew by whoever repeats a delivery. */
function timeIsSigned(scheme: TomlTable, path: Path): readonly Finding[] {
  const [signed, source] = [signedIn(scheme), timeIn(scheme)];
  const isInTemplate = signed.includes("{timestamp}");
  if (isInTemplate && scheme["timestamp"] === undefined)
    return [aboutValue([...path, "timestamp"], "is required with {timestamp} in signed: where does it stand?")];
  const refused = (says: string, nearest: string): readonly Finding[] => [
    aboutValue([...path, "signed"], says, JSON.stringify(nearest)),
  ];
  if (!isInTemplate && (source?.from === "header" || source?.from === "field"))
    return refused(
      "must hold {timestamp}: a time that is not signed proves nothing",
      signed.replace("{body}", "{timestamp}.{body}"),
    );
  if (isInTemplate && source?.from === "body")
    return refused(
      "must not hold {timestamp}, which is signed within the body",
      signed.replace(/\{timestamp\}[^{]?/, ""),
    );
  return [];
}

function idIsSigned(scheme: TomlTable, path: Path): readonly Finding[] {
  const isSigned = signedIn(scheme).includes("{id}");
  const isNamed = scheme["signed_id_header"] !== undefined;
  const key = [...path, "signed_id_header"];
  if (isSigned && !isNamed) return [aboutValue(key, "is required with {id} in signed")];
  if (isNamed && isSigned && scheme["id_header"] !== undefined)
    return [
      aboutValue(
        [...path, "id_header"],
        "must be left out with signed_id_header, which is the delivery's id, and signed",
      ),
    ];
  if (isNamed && !isSigned)
    return [
      aboutValue(key, "must be left out unless signed holds {id}; the header of an id that is not signed is id_header"),
    ];
  return [];
}

function cutInOneWay(scheme: TomlTable, path: Path): readonly Finding[] {
  const signed = signedIn(scheme);
  const fault = forms.signed.pattern.test(signed) ? templateFault(signed) : null;
  if (fault === null) return [];
  const nearest = fault.nearest === null ? null : JSON.stringify(fault.nearest);
  return [aboutValue([...path, "signed"], fault.says, nearest)];
}

const signedIn = ({ signed = "{body}" }: TomlTable): string => (typeof signed === "string" ? signed : "");
const timeIn = ({ timestamp }: TomlTable) => (typeof timestamp === "string" ? timeSourceOf(timestamp) : null);

function partsAreNamed({ field, field_separator }: TomlTable, path: Path): readonly Finding[] {
  if (field !== undefined && field_separator === undefined)
    return [aboutValue([...path, "field_separator"], "is required with field", '"="')];
  if (field === undefined && field_separator !== undefined)
    return [aboutValue([...path, "field"], "is required with field_separator: which part is the signature?")];
  return [];
}

function timeInParts(scheme: TomlTable, path: Path): readonly Finding[] {
  const { field, field_separator, item_separator } = scheme;
  const source = timeIn(scheme);
  if (source?.from !== "field") return [];
  const says = `is required with timestamp = "field:${source.name}"`;
  return [
    ...(item_separator === undefined ? [aboutValue([...path, "item_separator"], says, '","')] : []),
    ...(field_separator === undefined ? [aboutValue([...path, "field_separator"], says, '"="')] : []),
    ...(field === undefined ? [aboutValue([...path, "field"], says)] : []),
    ...(lower(field) === source.name.toLowerCase()
      ? [aboutValue([...path, "timestamp"], "must name another part than field, which is the signature")]
      : []),
  ];
}

function separatorsTellApart(scheme: TomlTable, path: Path): readonly Finding[] {
  const { encoding, field_separator, item_separator } = scheme;
  if (typeof item_separator !== "string") return [];
  if (item_separator === field_separator)
    return [aboutValue([...path, "field_separator"], "must be another one than item_separator")];
  if (encoding === "base64" && /^[+/=]+$/.test(item_separator))
    return [aboutValue([...path, "item_separator"], "must not be what base64 itself is written with", '","')];
  return [];
}

/** The signature's header may hold the secret itself, and what is read from the others is kept. */
function headersApart(scheme: TomlTable, path: Path): readonly Finding[] {
  const header = lower(scheme["header"]);
  const source = timeIn(scheme);
  const says = "must be another header than the one that holds the signature";
  const others = ["signed_id_header", "id_header", "event_header"].filter((key) => lower(scheme[key]) === header);
  if (header === undefined) return [];
  return [
    ...others.map((key) => aboutValue([...path, key], says)),
    ...(source?.from === "header" && source.name.toLowerCase() === header
      ? [aboutValue([...path, "timestamp"], says, '"field:NAME"')]
      : []),
  ];
}

/** What is read from these is kept and shown. */
function headersOpen(scheme: TomlTable, path: Path): readonly Finding[] {
  const says = "must be another header: this one carries credentials, and is never kept";
  const source = timeIn(scheme);
  const named = ["signed_id_header", "id_header", "event_header"].filter((key) =>
    isCredential(lower(scheme[key]) ?? ""),
  );
  const isTime = source?.from === "header" && isCredential(source.name.toLowerCase());
  return [...named, ...(isTime ? ["timestamp"] : [])].map((key) => aboutValue([...path, key], says));
}

const lower = (value: unknown): string | undefined => (typeof value === "string" ? value.toLowerCase() : undefined);

function handshakeWhole(scheme: TomlTable, path: Path): readonly Finding[] {
  const keys = ["handshake_pointer", "handshake_value", "handshake_echo"];
  const given = keys.filter((key) => scheme[key] !== undefined);
  if (given.length === 0) return [];
  return keys
    .filter((key) => scheme[key] === undefined)
    .map((key) => aboutValue([...path, key], `is required with ${given.join(" and ")}`));
}
