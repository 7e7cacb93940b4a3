/** What is to be masked, as plain data: it is handed between threads. */

/** Forms that are known by name. */
export const KNOWN_FORMS = ["api-key", "bearer-token", "email", "private-url"] as const;
export type KnownForm = (typeof KNOWN_FORMS)[number];

/** `id` names the rule in masks and receipts: a-z, 0-9 and -. */
export type RedactionRule =
  | { readonly kind: KnownForm; readonly id: string }
  /** In the syntax of RE2: no back references, no look-around. */
  | { readonly kind: "pattern"; readonly id: string; readonly pattern: string }
  /** JSON Pointer (RFC 6901) into a JSON payload or a form; `*` stands for any one name or index. */
  | { readonly kind: "pointer"; readonly id: string; readonly pointer: string }
  /** In lower case. */
  | { readonly kind: "header"; readonly id: string; readonly header: string };

export const RULES_MAX = 64;
