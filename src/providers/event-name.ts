import { nameable } from "./facts.ts";

/** What a sender says of an event in several parts, as one name: `Issue` and `create` are `Issue.create`. A missing part is left out. */
export const eventName = (...parts: readonly (string | null)[]): string | null =>
  nameable(parts.filter((part) => part !== null).join("."));
