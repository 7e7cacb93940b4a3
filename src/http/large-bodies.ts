/** How much of large bodies is taken in at once: whoever may send 25 MB may send it often, and before anything is verified. */
import type { IncomingMessage } from "node:http";
import { ASIDE_BYTES_MIN } from "../ingress/judge.ts";
import { declaredBytes, isChunked } from "./request-body.ts";

export type LargeBodies = {
  /** Takes this many bytes of what there is. Undefined when there is not so much left; otherwise how to give them back, once. */
  readonly take: (bytes: number) => (() => void) | undefined;
};

export function createLargeBodies(bytesMax: number): LargeBodies {
  let taken = 0;
  return {
    take: (bytes) => {
      // One alone is always taken, however little is allowed in all.
      if (taken > 0 && taken + bytes > bytesMax) return undefined;
      taken += bytes;
      let isGiven = false;
      return () => {
        if (!isGiven) taken -= bytes;
        isGiven = true;
      };
    },
  };
}

/** The bytes that a body may turn out to have, where that is many; 0 for a small one. A chunked one may have all that its webhook takes. */
export function largeBytesOf(request: IncomingMessage, bytesMax: number): number {
  const bytes = isChunked(request) ? bytesMax : Math.min(declaredBytes(request), bytesMax);
  return bytes >= ASIDE_BYTES_MIN ? bytes : 0;
}
