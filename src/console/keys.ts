/**
 * Keys of the page. Each part says which it answers while it is shown; the part that was shown last comes first. A key with Ctrl, Alt or
 * Meta is the browser's, and in a field or a dialog every key is the person's own.
 */
import { useEffect, useRef } from "preact/hooks";

export type KeyMap = Readonly<Record<string, () => void>>;

type Layer = { readonly part: string; readonly keys: { current: KeyMap } };
const layers: Layer[] = [];
/** The part that answers what no view does. */
export const SHELL = "shell";

/** `part` names whose keys these are; a key is as `KeyboardEvent.key` has it. */
export function useKeys(keys: KeyMap, part: string): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const layer: Layer = { part, keys: latest };
    // What stands around a view is mounted after it, and comes behind it all the same.
    if (part === SHELL) layers.unshift(layer);
    else layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, [part]);
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest("input, textarea, select, dialog[open]") !== null);

/** Whether Enter already does something where the focus is. */
const takesEnter = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("a[href], button, summary") !== null;

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (isField(event.target) || (event.key === "Enter" && takesEnter(event.target))) return;
  for (const { keys } of layers.toReversed()) {
    const call = Object.hasOwn(keys.current, event.key) ? keys.current[event.key] : undefined;
    if (call === undefined) continue;
    event.preventDefault();
    call();
    return;
  }
}
