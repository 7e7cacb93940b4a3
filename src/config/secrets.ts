/** Secrets: where they are read from, and how they are kept from being printed. */
import type { TomlTable, TomlValue } from "smol-toml";
import { forms } from "./forms.ts";
import { type Env, envValue, isTable } from "./layers.ts";
import { aboutValue, type Finding } from "./problem.ts";
import type { Path } from "./toml-locator.ts";

/** Bytes that no log line, no JSON and no inspector shows. Only `reveal` gives them out. */
export class Secret {
  readonly #bytes: Uint8Array;
  /** Where it came from, as the configuration says it: `env:NAME` or `file:PATH`. */
  readonly source: string;

  constructor(bytes: Uint8Array, source: string) {
    this.#bytes = bytes;
    this.source = source;
  }

  /** The bytes to sign with; never to be kept, logged or sent. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  toString(): string {
    return `[secret ${this.source}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** What a look at a secret's file found. */
export type FileRead =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "missing" }
  | { readonly kind: "unreadable"; readonly reason: string };

export type Surroundings = {
  readonly env: Env;
  /** Reads a file by a path as the configuration writes it: relative to the desk's folder. */
  readonly file: (path: string) => FileRead;
};

/** A secret, and where the configuration names it. */
export type PlacedSecret = { readonly secret: Secret; readonly path: Path };

export type SecretsRead = {
  /** By the webhook's place in the list. */
  readonly byWebhook: readonly (readonly PlacedSecret[])[];
  /** By the place of the `[[notify]]` in the list. */
  readonly byTarget: readonly (readonly PlacedSecret[])[];
  /** What scrapers of `/metrics` show; null when none is set. */
  readonly metricsToken: PlacedSecret | null;
  readonly findings: readonly Finding[];
};

/** Reads the secrets of every webhook and every target, and the scraper's token. One that has none is left for the schema to refuse. */
export function readSecrets(desk: TomlTable, around: Surroundings): SecretsRead {
  const webhooks = readList(desk, "webhook", "WEBHOOK", around);
  const targets = readList(desk, "notify", "NOTIFY", around);
  const metrics = readMetricsToken(desk, around);
  return {
    byWebhook: webhooks.map(accepted),
    byTarget: targets.map(accepted),
    metricsToken: accepted(metrics)[0] ?? null,
    findings: [...webhooks, ...targets, metrics].flatMap((read) =>
      read.flatMap((each) => (each.kind === "refused" ? [each.finding] : [])),
    ),
  };
}

type Read = ({ readonly kind: "secret" } & PlacedSecret) | { readonly kind: "refused"; readonly finding: Finding };

const accepted = (read: readonly Read[]): readonly PlacedSecret[] =>
  read.flatMap((each) => (each.kind === "secret" ? [each] : []));

function readList(desk: TomlTable, list: string, prefix: string, around: Surroundings): readonly (readonly Read[])[] {
  const tables = Array.isArray(desk[list]) ? desk[list] : [];
  return tables.map((table, index) =>
    isTable(table) ? secretsOf(table, [list, index, "secret"], prefix, around) : [],
  );
}

function readMetricsToken({ telemetry }: TomlTable, around: Surroundings): readonly Read[] {
  const written = isTable(telemetry) ? telemetry["metrics_token"] : undefined;
  if (written === undefined) return [];
  return [readSecret(written, ["telemetry", "metrics_token"], "env:QOC_METRICS_TOKEN", around)];
}

function secretsOf(table: TomlTable, path: Path, prefix: string, around: Surroundings): readonly Read[] {
  const { name, secret } = table;
  const suggestion = `env:${prefix}_SECRET_${variableLike(typeof name === "string" ? name : "")}`;
  const written = Array.isArray(secret)
    ? secret.map((each, i) => ({ each, at: [...path, i] }))
    : [{ each: secret, at: path }];
  return written.flatMap(({ each, at }) => (each === undefined ? [] : [readSecret(each, at, suggestion, around)]));
}

const variableLike = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]+/g, "_") || "NAME";

function readSecret(written: TomlValue, path: Path, suggestion: string, around: Surroundings): Read {
  const readAs = (bytes: Uint8Array, source: string): Read => ({
    kind: "secret",
    secret: new Secret(bytes, source),
    path,
  });
  const refused = (says: string, nearest: string | null): Read => ({
    kind: "refused",
    finding: aboutValue(path, says, nearest),
  });
  if (typeof written !== "string") return refused(forms.secret.says, null);
  if (written === "") return refused(`is empty: write "${suggestion}"`, JSON.stringify(suggestion));
  if (written.startsWith("env:")) {
    const found = envValue(written, around.env);
    if (found.kind === "missing") return refused(found.says, found.nearest);
    if (found.value !== "") return readAs(new TextEncoder().encode(found.value), written);
    return refused(`is read from the environment variable ${found.variable}, which is empty`, null);
  }
  if (written.startsWith("file:") && written.length > "file:".length) {
    const name = written.slice("file:".length);
    const bytes = fileSecret(around.file(name));
    if (typeof bytes !== "string") return readAs(bytes, written);
    return refused(`is read from the file ${JSON.stringify(name)}, which ${bytes}`, null);
  }
  return refused(
    `must not stand in this file: put it into .env.qoc or the environment and write "${suggestion}"`,
    JSON.stringify(suggestion),
  );
}

/** The bytes without one line end behind them, or what is wrong with the file. */
function fileSecret(read: FileRead): Uint8Array | string {
  if (read.kind === "missing") return "does not exist";
  if (read.kind === "unreadable") return `cannot be read (${read.reason})`;
  return withoutLineEnd(read.bytes);
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array | string {
  const end = bytes.at(-1) !== 0x0a ? 0 : bytes.at(-2) === 0x0d ? 2 : 1;
  return bytes.length === end ? "is empty" : bytes.subarray(0, bytes.length - end);
}
