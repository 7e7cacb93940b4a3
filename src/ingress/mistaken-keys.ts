/** The keys that a sender may sign with in place of the right one, when a secret was copied, stored or decoded carelessly. */

/** `says` completes "the signature holds under …", and tells nothing of the secret. */
export type MistakenKey = { readonly key: Uint8Array; readonly says: string; readonly try: string };

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const HEX = /^(?:[0-9a-fA-F]{2})+$/;
const PREFIX = /^wh(?:sec|sk|pk)_/;

const AS_TEXT = "enter the secret anew at the sender, or give this webhook the form of it that the sender has";
const DECODED =
  "let the sender sign with the secret as it stands, or keep the decoded bytes in a file:PATH of this webhook";

/** Each once. Bytes that are no text are taken as they are. */
export function mistakenKeys(secret: Uint8Array): readonly MistakenKey[] {
  const bare = Buffer.from(secret).toString("latin1").trim();
  const inner = bare.replace(PREFIX, "");
  const keys = [
    { key: Buffer.from(secret), says: "the text of the secret, not decoded", try: AS_TEXT },
    {
      key: Buffer.from(bare, "latin1"),
      says: "the secret without the blanks around it",
      try: "take the blanks and line ends off the secret of this webhook",
    },
    {
      key: Buffer.from(`${bare}\n`, "latin1"),
      says: "the secret with a line end behind it",
      try: "enter the secret anew at the sender, without the line end",
    },
    { key: Buffer.from(inner, "latin1"), says: "what stands behind the secret's prefix, not decoded", try: AS_TEXT },
    { key: decoded(inner, BASE64, "base64"), says: "what the secret is in base64", try: DECODED },
    { key: decoded(inner, HEX, "hex"), says: "what the secret is in hex", try: DECODED },
  ];
  return keys.filter(({ key }, place) => key.length > 0 && keys.findIndex((other) => other.key.equals(key)) === place);
}

/** No bytes when the text has not that form. */
const decoded = (text: string, form: RegExp, encoding: "base64" | "hex"): Buffer =>
  Buffer.from(form.test(text) ? text : "", encoding);
