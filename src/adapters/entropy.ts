import { randomBytes } from "node:crypto";
import type { Entropy } from "../engine/ports.ts";

/** The system's cryptographic generator. */
export const systemEntropy: Entropy = { bytes: (count) => randomBytes(count) };
