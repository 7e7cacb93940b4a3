/** Markup as text. Every value is escaped, so that no name can end its element, and characters that XML has no word for are replaced. */

// oxlint-disable-next-line no-control-regex -- XML 1.0, production 2: these are no characters of a document
const NO_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

export const escaped = (text: string): string =>
  text.replaceAll(NO_CHARACTER, "\ufffd").replaceAll(/[&<>"'\t\n\r]/g, (character) => ESCAPES[character] ?? "");

/** An attribute that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** `inside` is markup already: what `element` or `escaped` gave. */
export function element(name: string, attributes: Attributes, inside: readonly string[] = []): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [` ${key}="${escaped(String(value))}"`],
  );
  const open = `<${name}${written.join("")}`;
  return inside.length === 0 ? `${open}/>` : `${open}>${inside.join("")}</${name}>`;
}
