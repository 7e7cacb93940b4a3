/** The files of a tree, each byte of them, and its root: made anew of its leaves. */
import { createLogEdge, type LogEdge } from "../adapters/log-edge.ts";
import { pathOf, sizeNeeded } from "../adapters/log-tile-files.ts";
import { type LogFile, tilesChanged } from "../evidence/log/tiles.ts";
import { leafHash } from "../evidence/log/tree.ts";

export type Tree = {
  /** The size whose files must be there. */
  readonly size: number;
  /** Files that are there. Those of earlier sizes may be, and then they must hold what they say. */
  readonly present: readonly LogFile[];
  readonly leaves: Iterable<Uint8Array>;
  readonly fileOf: (file: LogFile) => Uint8Array | undefined;
  /** Sizes whose roots are wanted. */
  readonly sizes: readonly number[];
};

export type TreeFault = { readonly path: string; readonly kind: "missing" | "changed" };
/** `count`: how many leaves there are. `roots`, in hex: of the sizes that were reached. */
export type TreeChecked = {
  readonly count: number;
  readonly roots: ReadonlyMap<number, string>;
  readonly faults: readonly TreeFault[];
};

const LEAVES_AT_A_TIME = 8192;

/** Reads each leaf once, and holds no more of the tree than its right edge. */
export function checkTree({ size, present, leaves, fileOf, sizes }: Tree): TreeChecked {
  const earlier = present.filter((file) => sizeNeeded(file) <= size);
  const all = new Map([...tilesChanged(0, size), ...earlier].map((file) => [pathOf(file), file]));
  const due = [...all.values()].toSorted((a, b) => sizeNeeded(a) - sizeNeeded(b));
  const wanted = new Set([...sizes, size]);
  const roots = new Map<number, string>();
  const faults: TreeFault[] = [];
  const edge = createLogEdge();
  let next = 0;
  const settle = (): void => {
    if (wanted.has(edge.size())) roots.set(edge.size(), hexRoot(edge));
    if (edge.size() % LEAVES_AT_A_TIME !== 0 && edge.size() !== size) return;
    for (let file = due[next]; file !== undefined && sizeNeeded(file) <= edge.size(); file = due[next]) {
      faults.push(...faultsOf(file, fileOf(file), edge));
      next += 1;
    }
    edge.forget(edge.size());
  };
  settle();
  for (const leaf of leaves) {
    edge.push(leaf, leafHash(leaf));
    settle();
  }
  return { count: edge.size(), roots, faults };
}

const hexRoot = (edge: LogEdge): string => Buffer.from(edge.rootAt(edge.size())).toString("hex");

function faultsOf(file: LogFile, found: Uint8Array | undefined, edge: LogEdge): readonly TreeFault[] {
  const path = pathOf(file);
  if (found === undefined) return [{ path, kind: "missing" }];
  return Buffer.compare(found, edge.bytesOf(file)) === 0 ? [] : [{ path, kind: "changed" }];
}
