/** The built page, opened on a paper document with Node's WebCrypto, and used as a person would use it. */
import { compileFunction } from "node:vm";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import { PaperInput, PaperTextArea, paperDocument, type PaperElement } from "./paper-document.ts";

export type Dropped = { readonly name: string; readonly bytes: Uint8Array; readonly role?: string };

/** A verdict with many signatures is made anew each time that some of them are answered. */
const SETTLED_MS = 20_000;

export const scriptIn = (page: string): string => /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? "";

export function openPage(page: string, webcrypto: { readonly subtle: object } = crypto) {
  const { document, root, byId } = paperDocument();
  const names = ["document", "HTMLInputElement", "HTMLTextAreaElement", "crypto"];
  compileFunction(scriptIn(page), names)(document, PaperInput, PaperTextArea, webcrypto);

  const settle = async (): Promise<void> => {
    const began = performance.now();
    while (byId("verdict").attributes.get("aria-busy") !== "false") {
      expect(performance.now() - began).toBeLessThan(SETTLED_MS);
      await nextTurn();
    }
  };
  const happening = (act: () => void): Promise<void> => {
    byId("verdict").attributes.set("aria-busy", "waiting");
    act();
    return settle();
  };
  const drop = async ({ name, bytes, role }: Dropped): Promise<void> => {
    const file = { name, arrayBuffer: () => Promise.resolve(new Uint8Array(bytes).buffer) };
    await happening(() => root.happen("drop", { preventDefault: () => undefined, dataTransfer: { files: [file] } }));
    if (role !== undefined && roles().at(-1) !== role) await choose(roles().length - 1, role);
  };
  const roles = (): readonly string[] =>
    byId("inputs")
      .all("select")
      .map((select) => select.all("option")[select.selectedIndex]?.textContent ?? "");
  const choose = (at: number, role: string): Promise<void> => {
    const select = byId("inputs").all("select")[at];
    const index = select?.all("option").findIndex(({ textContent }) => textContent === role) ?? -1;
    expect(index).not.toBe(-1);
    return happening(() => {
      if (select !== undefined) select.selectedIndex = index;
      select?.happen("change");
    });
  };
  const type = (id: "origin" | "least", text: string): Promise<void> => {
    byId(id).value = text;
    return happening(() => byId(id).happen("change"));
  };
  const paste = (text: string): Promise<void> => {
    byId("pasted").value = text;
    return happening(() => byId("paste").happen("submit"));
  };
  const remove = (at: number): Promise<void> => happening(() => byId("inputs").all("button")[at]?.happen("click"));
  const verdict = (): PaperElement => byId("verdict");
  /** What the page says, in the words of `verify`. */
  const said = () => {
    const text = verdict().textContent;
    const codes = verdict()
      .all("dt")
      .map(({ textContent }) => textContent)
      .filter((code) => /^[A-Z0-9]+_[A-Z0-9_]+$/.test(code));
    return { ok: text.startsWith("✓ holds"), level: /level (\w+)/.exec(text)?.[1], codes };
  };
  return { drop, roles, choose, type, paste, remove, verdict, said };
}
