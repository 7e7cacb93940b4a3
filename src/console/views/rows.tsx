/** Rows that keys move through, and long lists of which only what is seen stands in the document. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useKeys } from "../keys.ts";
import { windowOf } from "./window.ts";

/** `j` and `k` move the focus from row to row: what is focused is what Enter opens. A row is `[data-row]`, or holds what is. */
export function useRowKeys(list: RefObject<HTMLElement | null>): void {
  const move = (by: 1 | -1): void => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = at === -1 ? rows.findIndex((row) => row.getBoundingClientRect().top >= 0) : at + by;
    rows[next]?.focus();
  };
  useKeys({ j: () => move(1), k: () => move(-1) }, "rows");
}

/** An empty block of so many pixels. Set by script: the page's policy takes no style from markup. */
const Spacer = ({ height }: { readonly height: number }): JSX.Element => {
  const block = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => block.current?.style.setProperty("height", `${height}px`), [height]);
  return <div ref={block} role="presentation" />;
};

type LongListProps = {
  readonly rows: number;
  /** The head of the table, which stays in sight. */
  readonly head: ComponentChildren;
  readonly label: string;
  readonly see: (first: number, last: number) => void;
  readonly render: (first: number, last: number) => ComponentChildren;
};

/** A table that scrolls with the page. The height of a row is `--row` of its style. */
export function LongList({ rows, head, label, see, render }: LongListProps): JSX.Element {
  const table = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const place = useSignal({ above: 0, seen: 800, row: 40 });
  useRowKeys(body);
  useEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      if (body.current === null) return;
      const row = parseFloat(getComputedStyle(body.current).getPropertyValue("--row"));
      const above = -Math.round(body.current.getBoundingClientRect().top);
      const { value } = place;
      const next = { above, seen: innerHeight, row: row > 0 ? row : 40 };
      if (next.above !== value.above || next.seen !== value.seen || next.row !== value.row) place.value = next;
    };
    const plan = (): void => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    addEventListener("scroll", plan, { passive: true });
    addEventListener("resize", plan);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", plan);
      removeEventListener("resize", plan);
    };
  }, []);
  const { first, last, before, after } = windowOf(place.value, rows);
  useEffect(() => see(first, last), [see, first, last]);
  return (
    <div class="table" role="table" aria-label={label} aria-rowcount={-1} ref={table}>
      {head}
      <div role="rowgroup" class="table-body" ref={body}>
        <Spacer height={before} />
        {render(first, last)}
        <Spacer height={after} />
      </div>
    </div>
  );
}
