/** Views by path. The address bar is the only state: what it shows survives a reload and can be sent to somebody. */
import { type ReadonlySignal, computed, signal } from "@preact/signals";
import { type ComponentChildren, type JSX, h } from "preact";

const place = signal({ path: location.pathname, query: location.search });
addEventListener("popstate", () => {
  place.value = { path: location.pathname, query: location.search };
});

export const path: ReadonlySignal<string> = computed(() => place.value.path);
export const query: ReadonlySignal<URLSearchParams> = computed(() => new URLSearchParams(place.value.query));

/** `replace` leaves no step to go back to: for filters as they are typed. */
export function go(target: string, how: "push" | "replace" = "push"): void {
  const url = new URL(target, location.href);
  if (url.origin !== location.origin) throw new Error("the console leads nowhere else");
  const changesView = url.pathname !== place.value.path;
  const address = url.pathname + url.search + url.hash;
  if (how === "replace") history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  place.value = { path: url.pathname, query: url.search };
  if (changesView && how === "push") scrollTo(0, 0);
}

type LinkProps = Omit<JSX.IntrinsicElements["a"], "href" | "onClick" | "children"> & {
  readonly href: string;
  readonly children?: ComponentChildren;
};

/** A link within the console: a plain click changes the view, everything else is left to the browser. */
export function Link({ href, children, ...rest }: LinkProps): JSX.Element {
  const onClick = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return h("a", { ...rest, href, onClick }, children);
}
