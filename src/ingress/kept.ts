/** What is kept of a delivery, and what is known of it because of that: all of it, or what the webhook's rules leave. */
import type { Facts, RawDelivery } from "../core/delivery.ts";
import type { Masked } from "../core/redaction.ts";
import type { Artifact } from "../engine/ports.ts";
import { isCredential, keptHeaders, publicSignatures } from "../providers/kept-headers.ts";
import { readPayload } from "../providers/payload.ts";
import type { Provider } from "../providers/provider.ts";
import { filterBody } from "../redaction/body-filter.ts";
import { beginFiltering, type Filtering } from "../redaction/filtering.ts";
import { filterHeader, type Header } from "../redaction/header-filter.ts";
import { ruleSetOf } from "../redaction/rule-set.ts";
import { headersArtifact, mediaTypeOf, requestArtifact, sha256OfBytes } from "./artifacts.ts";
import type { BodyFilter, WebhookRuntime } from "./desk-ingress.ts";

type Kept = {
  readonly request: Artifact;
  readonly headers: Artifact;
  readonly facts: Facts;
  readonly redactions: readonly Masked[];
};

/**
 * Facts are read from what is left, so that nothing that was masked stands in a journal, an index or a log.
 * @param sent the facts of the delivery as it came
 */
export function filtered(
  raw: RawDelivery,
  sent: Facts,
  provider: Provider,
  { map }: Pick<WebhookRuntime, "map">,
  { rules }: BodyFilter,
): Kept {
  const contentType = raw.headers.get("content-type")?.[0];
  const filtering = beginFiltering(ruleSetOf(rules), raw.body.length + lengthOf(raw.headers));
  const body = filterBody(raw.body, { contentType, form_json: provider.form_json }, filtering);
  const headers = filterHeaders(raw.headers, keptHeaders(provider), publicSignatures(provider), filtering);
  const sha256 = sha256OfBytes(body);
  const seen = { headers: seenHeaders(raw.headers, headers, filtering), sha256 };
  const payload = readPayload(body, contentType, provider.form_json);
  const keptType = headers.find(({ name }) => name === "content-type")?.value;
  return {
    // A media type that holds a mask is none.
    request: requestArtifact(mediaTypeOf(keptType === contentType ? contentType : undefined), body, sha256),
    headers: headersArtifact(headers),
    facts: withoutMaskedSeries(provider.normalize({ ...seen, payload }, map), sent),
    redactions: filtering.receipts.all(),
  };
}

const lengthOf = (headers: RawDelivery["headers"]): number =>
  [...headers.values()].flat().reduce((sum, value) => sum + value.length, 0);

/** Masks are alike: what is about several things would be about one, and a part of it stale because of another. */
function withoutMaskedSeries(kept: Facts, sent: Facts): Facts {
  if (kept.subject_key !== sent.subject_key) return { ...kept, subject_key: null, order: null };
  return JSON.stringify(kept.order) === JSON.stringify(sent.order) ? kept : { ...kept, order: null };
}

function filterHeaders(
  sent: RawDelivery["headers"],
  names: readonly string[],
  withheld: ReadonlySet<string>,
  filtering: Filtering,
): readonly Header[] {
  return names.flatMap((name) =>
    (sent.get(name) ?? []).map((value) => filterHeader({ name, value }, withheld, filtering)),
  );
}

const NONE: ReadonlySet<string> = new Set();

/** What a normalizer may look at: the kept headers as they are kept, the others filtered alike, and no credential. */
function seenHeaders(
  sent: RawDelivery["headers"],
  kept: readonly Header[],
  { rules, budget }: Filtering,
): RawDelivery["headers"] {
  const unnoted: Filtering = { rules, budget, receipts: { note: () => undefined, all: () => [] } };
  const seen = new Map<string, readonly string[]>();
  for (const { name, value } of kept) seen.set(name, [...(seen.get(name) ?? []), value]);
  for (const [name, values] of sent) {
    if (seen.has(name) || isCredential(name)) continue;
    seen.set(
      name,
      values.map((value) => filterHeader({ name, value }, NONE, unnoted).value),
    );
  }
  return seen;
}
