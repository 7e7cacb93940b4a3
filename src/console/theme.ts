/** Light, dark, or as the system has it: a class of the whole page, kept by the browser. */
import { type ReadonlySignal, signal } from "@preact/signals";

const THEME_KEY = "qoc.theme";
const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const chosen = signal<Theme>(THEMES.find((name) => name === localStorage.getItem(THEME_KEY)) ?? "system");
export const theme: ReadonlySignal<Theme> = chosen;

show();

export function nextTheme(): void {
  chosen.value = THEMES[(THEMES.indexOf(chosen.value) + 1) % THEMES.length] ?? "system";
  localStorage.setItem(THEME_KEY, chosen.value);
  show();
}

function show(): void {
  document.documentElement.classList.remove(...THEMES);
  document.documentElement.classList.add(chosen.value);
}
