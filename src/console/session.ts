/** The page's token: in this tab's session storage, so that it ends with the tab and no other site's page can have the browser send it. */
import { type ReadonlySignal, computed, signal } from "@preact/signals";

const TOKEN_KEY = "qoc.token";

const held = signal<string | null>(sessionStorage.getItem(TOKEN_KEY));

export const token: ReadonlySignal<string | null> = held;
export const signedIn: ReadonlySignal<boolean> = computed(() => held.value !== null);

export function keepToken(text: string): void {
  sessionStorage.setItem(TOKEN_KEY, text);
  held.value = text;
}

/** The views stay where they are, and the page shows how to sign in. */
export function dropToken(): void {
  sessionStorage.removeItem(TOKEN_KEY);
  held.value = null;
}
