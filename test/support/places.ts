/** The places of a document that a test changes one by one: in the gate every third, in the long form (`BYTES=all`) each. */
const APART = process.env["BYTES"] === "all" ? 1 : 3;

export const placesOf = (bytes: Uint8Array): readonly number[] =>
  Array.from({ length: Math.ceil(bytes.length / APART) }, (_, at) => at * APART);
