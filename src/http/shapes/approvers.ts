/** Who may approve on the desks. */
import { z } from "zod";
import { Hash, list } from "./values.ts";

/** `unsettled`: no approver counts, and why. */
export const DeskApprovers = z.object({
  workspace: z.string(),
  root: Hash.nullable(),
  unsettled: z.string().nullable(),
  /** `publicKey`: SPKI in PEM. */
  approvers: list(z.object({ name: z.string(), fingerprint: Hash, publicKey: z.string() })),
  refused: list(z.object({ name: z.string(), reason: z.string() })),
});
export const ApproversList = z.object({ items: list(DeskApprovers) });
