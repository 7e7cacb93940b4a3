/** A sender that a person describes in `desk.toml`. Its facts stand where the webhook's map has them. */
import { isCredential } from "./kept-headers.ts";
import { mappedFacts } from "./mapped-facts.ts";
import type { CustomSender, Provider } from "./provider.ts";
import type { SignatureScheme } from "./scheme.ts";

export function customProvider({ scheme, id_header, event_header, ack_status, handshake }: CustomSender): Provider {
  const tokens = new Set(scheme.algorithm === "token" ? scheme.headers : []);
  // Neither kept nor a fact, whatever a configuration says.
  const isOpen = (name: string | null): name is string => name !== null && !tokens.has(name) && !isCredential(name);
  const id = isOpen(id_header) ? id_header : null;
  const event = isOpen(event_header) ? event_header : null;
  const named = [...headersOf(scheme), id, event].filter(isOpen);
  return {
    name: "custom",
    schemes: [scheme],
    acknowledgement: { status: ack_status, body: "receipt" },
    headers_kept: [...new Set(["content-type", "content-length", "user-agent", ...named])],
    dedupe: id === null ? "body" : "id+body",
    body_limit_bytes: null,
    form_json: null,
    handshake,
    sameness: null,
    normalize: (delivery, map) => mappedFacts("custom", delivery, map, { id, event }),
  };
}

/** What else is needed to verify the kept bytes again. */
const headersOf = ({ headers, id_headers, timestamp }: SignatureScheme): readonly string[] => [
  ...headers,
  ...(id_headers ?? []),
  ...(timestamp?.from === "header" ? timestamp.names : []),
];
