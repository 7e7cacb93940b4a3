/** The scheme of `X-Qoc-Signature`: HMAC-SHA256 of the raw body in hex, no time, no id of its own; where facts stand is configured. */
import type { Facts } from "../core/delivery.ts";
import { orderMark } from "./order-mark.ts";
import type { PayloadMap, Provider, ReadDelivery } from "./provider.ts";

const SIGNATURE_HEADER = "x-qoc-signature";
const DELIVERY_HEADER = "x-qoc-delivery";
/** A longer text is no name; it stays in the payload, which is kept whole. */
const FACT_CHARS_MAX = 256;

const UNNAMEABLE = /[\p{Cc}\p{Cs}]/u;
const PRINTABLE_ASCII = /^[\x21-\x7e]{1,128}$/;
const FULL_COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const ALL_ZERO = /^0+$/;

export const qoc: Provider = {
  name: "qoc",
  signature: { algorithm: "sha256", encoding: "hex", header: SIGNATURE_HEADER, prefix: "sha256=", signed: "raw" },
  ack_status: 202,
  headers_kept: ["content-type", "content-length", "user-agent", SIGNATURE_HEADER, DELIVERY_HEADER],
  normalize,
};

function normalize(delivery: ReadDelivery, map: PayloadMap): Facts {
  const { payload, headers, sha256 } = delivery;
  const fact = (pointer: string | undefined): string | null =>
    pointer === undefined ? null : nameable(payload.at(pointer));
  const id = fact(map.id);
  const updatedAt = fact(map.updated_at);
  return {
    provider: "qoc",
    event_type: fact(map.event),
    external_event_id: fact(map.external_id),
    delivery_id: id ?? idHeader(headers.get(DELIVERY_HEADER)) ?? sha256,
    actor: fact(map.actor),
    project: fact(map.project),
    ref: fact(map.ref),
    commit_sha: fullCommit(fact(map.commit_sha)),
    subject_key: fact(map.subject),
    order: updatedAt === null ? null : orderMark(updatedAt),
    payload: payload.kind,
  };
}

/** Facts become names in journals, files and addresses: no control characters, and no halves of surrogate pairs, which no I-JSON holds. */
function nameable(text: string | null): string | null {
  if (text === null || text === "" || text.length > FACT_CHARS_MAX) return null;
  return UNNAMEABLE.test(text) ? null : text;
}

/** The header is not signed: it names a delivery and proves nothing. Repeated, it names none. */
function idHeader(values: readonly string[] | undefined): string | undefined {
  const [value, ...more] = values ?? [];
  return value !== undefined && more.length === 0 && PRINTABLE_ASCII.test(value) ? value : undefined;
}

/** An abbreviated hash can come to mean another commit, and an all-zero one means none. */
function fullCommit(text: string | null): string | null {
  const hash = text?.toLowerCase() ?? "";
  return FULL_COMMIT.test(hash) && !ALL_ZERO.test(hash) ? hash : null;
}
