/** The verdict as elements. Whatever a file says becomes text nodes: nothing here parses markup. */
import { levelWords, verifyCodes } from "../verify.ts";
import type { Judged, Row } from "./judged.ts";
import { ROLES, type Role, type Sorted } from "./inputs.ts";

const ROWS_MAX = 2000;
const GRADES = {
  A: "recomputable from the bytes at hand",
  B: "basis not at hand, or a secret needed",
  C: "no basis",
} as const;

type Part = Node | string;

function make(tag: string, name: string, ...parts: readonly Part[]): HTMLElement {
  const element = document.createElement(tag);
  if (name !== "") element.className = name;
  element.append(...parts);
  return element;
}

export function showVerdict(into: HTMLElement, judged: Judged, file: string): void {
  const { ok, level, codes, findings, kind, observations, not_proven, rows } = judged;
  const placeOf = (code: string): string => findings.find((finding) => finding.code === code)?.at ?? "";
  into.replaceChildren(
    make("h2", ok ? "holds" : "fails", ok ? "✓ holds" : "✗ does not hold"),
    make(
      "p",
      "",
      `${file}: ${kind === "pack" ? "a public pack" : "an envelope"}, level ${level}, ${levelWords[level]}.`,
    ),
    ...section("What failed", list(codes.map((code) => [code, `${verifyCodes[code]} ${placeOf(code)}`]))),
    ...section("The log", list(logItems(judged))),
    ...section("Observations", list(observations.map(({ name, grade }) => [`${grade} ${name}`, GRADES[grade]]))),
    ...section("Not proven by this", bullets(not_proven)),
    ...section(kind === "pack" ? "Opened and closed" : "What it says", table(rows)),
  );
}

export function showTrouble(into: HTMLElement, text: string): void {
  into.replaceChildren(make("h2", "fails", "No verdict"), make("p", "", text));
}

/** One line a file, with what it was taken for, which can be changed, and a button that takes it out again (no role). */
export function showInputs(
  into: HTMLElement,
  sorted: readonly Sorted[],
  change: (at: number, role: Role | undefined) => void,
): void {
  into.replaceChildren(
    ...sorted.map(({ input, role }, at) => {
      const button = make("button", "", "remove");
      button.setAttribute("type", "button");
      button.setAttribute("aria-label", `remove ${input.name}`);
      button.addEventListener("click", () => change(at, undefined));
      return make(
        "li",
        "",
        `${input.name} (${input.bytes.length} bytes) is the `,
        chooser(input.name, role, (wanted) => change(at, wanted)),
        " ",
        button,
      );
    }),
  );
}

function chooser(name: string, role: Role, choose: (role: Role) => void): HTMLElement {
  const select = document.createElement("select");
  select.setAttribute("aria-label", `what ${name} is`);
  select.append(
    ...ROLES.map((one) => {
      const option = document.createElement("option");
      option.textContent = one;
      option.selected = one === role;
      return option;
    }),
  );
  select.addEventListener("change", () => choose(ROLES[select.selectedIndex] ?? role));
  return select;
}

function logItems({ logged, witnesses, closed, erased }: Judged): readonly (readonly [string, string])[] {
  const items: (readonly [string, string])[] = [];
  if (logged !== null) items.push(["logged", `leaf ${logged.index} of ${logged.size}`]);
  if (witnesses.length > 0) items.push(["witnesses", witnesses.join(", ")]);
  if (closed > 0) items.push(["closed", `${closed} leaves, ${erased} of them by erasure`]);
  return items;
}

const section = (title: string, content: HTMLElement): readonly HTMLElement[] =>
  content.childNodes.length === 0 ? [] : [make("h3", "", title), content];

/** What is beyond `ROWS_MAX` is counted: a page of a million rows shows nothing. */
function capped<T>(
  items: readonly T[],
  show: (item: T) => readonly HTMLElement[],
  rest: (says: string) => HTMLElement,
) {
  const shown = items.slice(0, ROWS_MAX).flatMap(show);
  return items.length > ROWS_MAX ? [...shown, rest(`and ${items.length - ROWS_MAX} more`)] : shown;
}

const bullets = (texts: readonly string[]): HTMLElement => make("ul", "", ...texts.map((text) => make("li", "", text)));

const list = (pairs: readonly (readonly [string, string])[]): HTMLElement =>
  make(
    "dl",
    "",
    ...capped(
      pairs,
      ([name, text]) => [make("dt", "", name), make("dd", "", text)],
      (says) => make("dd", "", says),
    ),
  );

const table = (rows: readonly Row[]): HTMLElement =>
  make(
    "table",
    "",
    ...capped(
      rows,
      ({ pointer, value, rule }) => [
        make(
          "tr",
          value === undefined ? "closed" : "",
          make("th", "", pointer),
          make("td", "", value ?? `closed (${rule})`),
        ),
      ],
      (says) => make("tr", "", make("td", "", says)),
    ),
  );
