/** The scheme of `X-Qoc-Signature`: HMAC-SHA256 of the raw body in hex, no time, no id of its own; where facts stand is configured. */
import { mappedFacts } from "./mapped-facts.ts";
import type { Provider } from "./provider.ts";
import { hmacOfBody } from "./scheme.ts";

const SIGNATURE_HEADER = "x-qoc-signature";
const DELIVERY_HEADER = "x-qoc-delivery";

export const qoc: Provider = {
  name: "qoc",
  schemes: [hmacOfBody(SIGNATURE_HEADER, "sha256=")],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: ["content-type", "content-length", "user-agent", SIGNATURE_HEADER, DELIVERY_HEADER],
  dedupe: "body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize: (delivery, map) => mappedFacts("qoc", delivery, map, { id: DELIVERY_HEADER, event: null }),
};
