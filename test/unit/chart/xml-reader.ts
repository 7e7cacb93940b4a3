/** A strict reader of XML 1.0 without a document type: it throws at the first thing that is not well formed. */
export type Element = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
};

// oxlint-disable-next-line no-control-regex -- XML 1.0, production 2
const CHARACTERS = /^(?:[\t\n\r\u0020-\ud7ff\ue000-\ufffd]|[\u{10000}-\u{10ffff}])*$/u;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** @throws where the text is not one well-formed element. */
export function readXml(text: string): Element {
  if (!CHARACTERS.test(text)) throw new Error("a character that XML has no place for");
  const read = elementAt(text, 0);
  if (text.slice(read.end).trim() !== "")
    throw new Error(`more behind the root: ${text.slice(read.end, read.end + 40)}`);
  return read.element;
}

export const elementsIn = (element: Element): readonly Element[] => [
  element,
  ...element.children.flatMap((child) => (typeof child === "string" ? [] : elementsIn(child))),
];
export const textIn = (element: Element): string =>
  element.children.map((child) => (typeof child === "string" ? child : textIn(child))).join("");

function elementAt(text: string, start: number): { readonly element: Element; readonly end: number } {
  const open = /^<([a-zA-Z][\w.-]*)((?:\s+[a-zA-Z][\w.:-]*="[^"<]*")*)\s*(\/?)>/.exec(
    text.slice(start, start + 20_000),
  );
  if (open === null) throw new Error(`no element at ${start}: ${text.slice(start, start + 60)}`);
  const [whole, name = "", written = "", empty] = open;
  const attributes: Record<string, string> = {};
  for (const [, key = "", value = ""] of written.matchAll(/([a-zA-Z][\w.:-]*)="([^"]*)"/g)) {
    if (Object.hasOwn(attributes, key)) throw new Error(`${key} twice in ${name}`);
    attributes[key] = plain(value);
  }
  let end = start + whole.length;
  if (empty === "/") return { element: { name, attributes, children: [] }, end };
  const children: (Element | string)[] = [];
  while (!text.startsWith("</", end)) {
    const next = text.indexOf("<", end);
    if (next === -1) throw new Error(`${name} has no end`);
    if (next > end) children.push(plain(text.slice(end, next)));
    end = next;
    if (text.startsWith("</", end)) break;
    const child = elementAt(text, end);
    children.push(child.element);
    end = child.end;
  }
  const close = `</${name}>`;
  if (!text.startsWith(close, end)) throw new Error(`${name} ends as ${text.slice(end, end + 40)}`);
  return { element: { name, attributes, children }, end: end + close.length };
}

function plain(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/.test(text))
    throw new Error(`a bare & in ${text.slice(0, 60)}`);
  if (text.includes("]]>")) throw new Error("]]> in a text");
  return text.replaceAll(/&(?:#x([\da-fA-F]+)|#(\d+)|(\w+));/g, (_all, hex?: string, digits?: string, name?: string) =>
    name === undefined
      ? String.fromCodePoint(hex === undefined ? Number(digits) : Number.parseInt(hex, 16))
      : (NAMED[name] ?? ""),
  );
}
