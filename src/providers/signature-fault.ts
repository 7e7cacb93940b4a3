import type { SignatureFault } from "../core/refusals.ts";

export type { SignatureFault };

/** For whoever looks after the desk, never for a sender. `detail` quotes nothing of the request and nothing of a secret. */
export type Unverified = { readonly kind: "unverified"; readonly fault: SignatureFault; readonly detail: string };

export const unverified = (fault: SignatureFault, detail: string): Unverified => ({
  kind: "unverified",
  fault,
  detail,
});
