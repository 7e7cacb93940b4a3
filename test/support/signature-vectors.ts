/** Published signatures, as attempts: the file of vectors where it is, and those that stand in the tests themselves. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { isProviderName, providers } from "../../src/providers/index.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { hmacOfBody, type SignatureScheme } from "../../src/providers/scheme.ts";
import { rawOf, worldOf, type Attempt } from "./signed-request.ts";

const folder = path.resolve(import.meta.dirname, "../../../shared");
const file = path.join(folder, "vectors/signatures.json");

const Vector = z.looseObject({
  vector_id: z.string(),
  provider: z.string(),
  should_verify: z.boolean(),
  algorithm: z.string().optional(),
  encoding: z.enum(["hex", "base64"]).default("hex"),
  expected: z.string().default(""),
  secret: z.string().optional(),
  public_key: z.string().optional(),
  key_hex: z.string().optional(),
  data_hex: z.string().optional(),
  body: z.string().optional(),
  body_file: z.string().optional(),
  json_body: z.string().optional(),
  id: z.string().optional(),
  timestamp: z.string().optional(),
  header: z.string().optional(),
  headers: z.array(z.string()).optional(),
  header_format: z.string().optional(),
  header_value: z.string().optional(),
  malformed_header_values: z.array(z.string()).optional(),
  url: z.string().optional(),
  request_url: z.string().optional(),
  params: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
});
type Vector = z.infer<typeof Vector>;

export type SignatureCase = {
  readonly name: string;
  readonly schemes: Provider["schemes"];
  readonly attempt: Attempt;
  readonly verifies: boolean;
  /** What stands in the item of the header that makes it verify. */
  readonly expected: string;
  /** Of the headers, those that are part of the signature. */
  readonly headers: readonly string[];
};

export const vectorFile = existsSync(file) ? file : undefined;

/** Every vector at least once; one of several senders, or of several headers, more than once. */
export function vectorCases(): readonly SignatureCase[] {
  if (vectorFile === undefined) return [];
  const { vectors } = z.object({ vectors: z.array(Vector) }).parse(JSON.parse(readFileSync(vectorFile, "utf8")));
  return vectors.flatMap((vector) => casesOf(vector));
}

function casesOf(vector: Vector): readonly SignatureCase[] {
  if (vector.malformed_header_values !== undefined) {
    const schemes = schemesOf(vector, vector.provider);
    return vector.malformed_header_values.map((value, index) =>
      caseOf({ ...vector, secret: "webhook_secret", body: "{}", header_value: value }, schemes, ` ${index}`),
    );
  }
  return vector.provider.split("|").map((provider) => caseOf(vector, schemesOf(vector, provider), provider));
}

function caseOf(vector: Vector, schemes: Provider["schemes"], suffix: string): SignatureCase {
  const headers = headersOf(vector, schemes);
  const body = bodyOf(vector);
  const [, origin = "", target = "/"] = /^(https?:\/\/[^/]+)(.*)$/.exec(vector.request_url ?? vector.url ?? "") ?? [];
  const media =
    vector.params === undefined || vector.json_body !== undefined
      ? "application/json"
      : "application/x-www-form-urlencoded";
  return {
    name: `${vector.vector_id} (${suffix})`,
    schemes,
    attempt: {
      raw: rawOf(body, { "content-type": media, ...headers }, target),
      world: worldOf(
        [
          vector.key_hex === undefined
            ? (vector.secret ?? vector.public_key ?? "")
            : Buffer.from(vector.key_hex, "hex"),
        ],
        {
          now: clockOf(vector, body),
          public_url: origin === "" ? null : origin,
        },
      ),
    },
    verifies: vector.should_verify,
    expected: vector.expected,
    headers: Object.keys(headers).map((name) => name.toLowerCase()),
  };
}

const ALIASES: Readonly<Record<string, string>> = { svix: "standard-webhooks" };
const MAC_ALGORITHMS = { "hmac-sha1": "sha1", "hmac-sha256": "sha256", "hmac-sha512": "sha512" } as const;

/** A preset signs with its own scheme. What no preset has is described as a person would describe it in the configuration. */
function schemesOf(vector: Vector, sender: string): Provider["schemes"] {
  const provider = ALIASES[sender] ?? sender;
  const algorithm = Object.entries(MAC_ALGORITHMS).find(([name]) => name === vector.algorithm)?.[1];
  if (provider === "github" && algorithm === "sha1") return [customOf(vector, "sha1", "sha1")];
  if (isProviderName(provider)) return providers[provider].schemes;
  if (algorithm === undefined) throw new Error(`nothing is known of ${vector.vector_id}`);
  return [customOf(vector, algorithm, vector.header_value?.includes("sha256=") === true ? "sha256" : null)];
}

const customOf = (vector: Vector, algorithm: "sha1" | "sha256" | "sha512", field: string | null): SignatureScheme => ({
  ...hmacOfBody(signatureHeaderOf(vector), ""),
  algorithm,
  encoding: vector.encoding,
  item_separator: field === "sha256" ? "," : null,
  field_separator: field === null ? null : "=",
  field,
  signed: vector.provider === "zendesk" ? "{timestamp}{body}" : "{body}",
  timestamp:
    vector.provider === "zendesk"
      ? { from: "header", names: ["x-zendesk-webhook-signature-timestamp"], unit: "s", tolerance_s: 300 }
      : null,
});

const signatureHeaderOf = ({ header, headers = [] }: Vector): string =>
  (header ?? headers.find((name) => /signature$/i.test(name)) ?? "x-signature").toLowerCase();

/** The signature's header, with those of the id and of the time where they are signed. */
function headersOf(vector: Vector, [scheme]: Provider["schemes"]): Readonly<Record<string, string>> {
  const { header_format = "{mac}", expected } = vector;
  const written = header_format.replace(/\[.*$/, "").replace(/\{(?:mac|sig)\}/, expected);
  const name = vector.header ?? vector.headers?.find((each) => /signature$/i.test(each)) ?? scheme.headers[0];
  const place = Math.max(0, scheme.headers.indexOf(name.toLowerCase()));
  const id = scheme.id_headers?.[place];
  const time = scheme.timestamp?.from === "header" ? scheme.timestamp.names[place] : undefined;
  return {
    [name]: vector.header_value ?? written,
    ...(id === undefined || vector.id === undefined ? {} : { [id]: vector.id }),
    ...(time === undefined || vector.timestamp === undefined ? {} : { [time]: vector.timestamp }),
  };
}

function bodyOf({ data_hex, body_file, body, json_body, params }: Vector): Uint8Array | string {
  if (data_hex !== undefined) return Buffer.from(data_hex, "hex");
  if (body_file !== undefined) return readFileSync(path.join(folder, body_file));
  if (params !== undefined && json_body === undefined) return formOf(params);
  return json_body ?? body ?? "";
}

function formOf(params: Readonly<Record<string, string | readonly string[]>>): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [name, each]),
  );
  return new URLSearchParams(pairs).toString();
}

/** Its own time: in a header, or, for Linear, in the body. */
function clockOf({ timestamp, provider }: Vector, body: Uint8Array | string): number {
  if (provider !== "linear") return Number(timestamp ?? "0") * 1000;
  return z.object({ webhookTimestamp: z.int() }).parse(JSON.parse(Buffer.from(body).toString())).webhookTimestamp;
}
