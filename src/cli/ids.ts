/** What a person may type for a run: the daemon finds it, this refuses at once what can never be one. */
import { usage } from "./errors.ts";

const PART = /^[0-9a-f-]{4,36}$/;

export function runName(text: string): string {
  const name = text.toLowerCase();
  if (name === "@last" || name === "@needs-me" || PART.test(name)) return name;
  throw usage(
    `${JSON.stringify(text)} is not the name of a run.`,
    "A run is named by its id, by four or more characters from the beginning or end of it, by @last or by @needs-me.",
    "qoc runs list",
  );
}

/** The same for an artifact: hex only, a hash or its beginning. */
export function hashName(text: string): string {
  const hash = text.toLowerCase().replace(/^urn:sha256:|^sha256:/, "");
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw usage(
    `${JSON.stringify(text)} is not a SHA-256.`,
    "An artifact is named by its 64 hex characters.",
    "qoc runs show RUN --json",
  );
}
