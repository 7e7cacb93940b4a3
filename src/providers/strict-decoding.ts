/** Text to bytes, whole or not at all: `Buffer.from` skips or stops at what it cannot decode, and says nothing. */

const HEX = /^[0-9a-f]*$/i;

/** Two digits a byte, in either case. */
export const decodeHex = (text: string): Buffer | undefined =>
  text.length % 2 === 0 && HEX.test(text) ? Buffer.from(text, "hex") : undefined;

/** RFC 4648, section 4, canonical: with its padding, and with zero in the bits that count for nothing. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** What a header's value was on the wire: Node hands each byte over as one character. Undefined when a character is no byte. */
export const wireBytes = (value: string): Buffer | undefined =>
  /^[\x20-\xff]*$/.test(value) ? Buffer.from(value, "latin1") : undefined;
