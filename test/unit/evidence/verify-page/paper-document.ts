/** As much of a browser's document as the offline page touches, and not a bit more: what is missing makes the page throw. */

type Listener = (event: PaperEvent) => void;
export type PaperEvent = {
  readonly preventDefault: () => void;
  readonly dataTransfer?: { readonly files: readonly PaperFile[] };
};
export type PaperFile = { readonly name: string; readonly arrayBuffer: () => Promise<ArrayBuffer> };

export class PaperElement {
  readonly tag: string;
  childNodes: (PaperElement | string)[] = [];
  className = "";
  value = "";
  selected = false;
  readonly attributes = new Map<string, string>();
  readonly #listeners = new Map<string, Listener[]>();

  constructor(tag: string) {
    this.tag = tag;
  }
  append(...parts: readonly (PaperElement | string)[]): void {
    this.childNodes.push(...parts);
  }
  replaceChildren(...parts: readonly (PaperElement | string)[]): void {
    this.childNodes = [...parts];
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  happen(type: string, event: PaperEvent = { preventDefault: () => undefined }): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
  get textContent(): string {
    return this.childNodes.map((part) => (typeof part === "string" ? part : part.textContent)).join("");
  }
  set textContent(text: string) {
    this.childNodes = [text];
  }
  get selectedIndex(): number {
    return this.all("option").findIndex(({ selected }) => selected);
  }
  set selectedIndex(index: number) {
    for (const [at, option] of this.all("option").entries()) option.selected = at === index;
  }
  all(tag: string): readonly PaperElement[] {
    return this.childNodes.flatMap((part) =>
      typeof part === "string" ? [] : [...(part.tag === tag ? [part] : []), ...part.all(tag)],
    );
  }
}

export class PaperInput extends PaperElement {
  files: readonly PaperFile[] = [];
}
export class PaperTextArea extends PaperElement {}

export function paperDocument() {
  const root = new PaperElement("html");
  const ids = new Map<string, PaperElement>([
    ["files", new PaperInput("input")],
    ["origin", new PaperInput("input")],
    ["least", new PaperInput("input")],
    ["paste", new PaperElement("form")],
    ["pasted", new PaperTextArea("textarea")],
    ["inputs", new PaperElement("ul")],
    ["verdict", new PaperElement("section")],
  ]);
  const byId = (id: string): PaperElement => {
    const found = ids.get(id);
    if (found === undefined) throw new Error(`no element ${id}`);
    return found;
  };
  const document = {
    getElementById: (id: string) => ids.get(id) ?? null,
    createElement: (tag: string) => new PaperElement(tag),
    addEventListener: (type: string, listener: Listener) => root.addEventListener(type, listener),
  };
  return { document, root, byId };
}
