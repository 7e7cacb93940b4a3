/** Rules for `[telemetry]`: where spans may go, and what a scraper's token must be. */
import type { TomlTable } from "smol-toml";
import { forms, isLoopback } from "./forms.ts";
import { aboutValue, type Finding } from "./problem.ts";
import type { PlacedSecret } from "./secrets.ts";

/** Spans say what happens on this desk, and when: nobody on the way is to read along. */
export function telemetryContradictions({ traces }: TomlTable): readonly Finding[] {
  if (typeof traces !== "string" || !forms.url.pattern.test(traces) || !URL.canParse(traces)) return [];
  const path = ["telemetry", "traces"];
  const { protocol, hostname, hash } = new URL(traces);
  if (protocol !== "https:" && !isLoopback(hostname))
    return [aboutValue(path, "must be https, or http on this machine")];
  return hash === "" ? [] : [aboutValue(path, "must end before its #, which reaches no server")];
}

/** RFC 6750, section 2.1, and long enough that nobody guesses it. */
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]{16,256}={0,2}$/;

export const metricsTokenMisfits = (read: PlacedSecret | null): readonly Finding[] =>
  read === null || BEARER_TOKEN.test(Buffer.from(read.secret.reveal()).toString("latin1"))
    ? []
    : [
        aboutValue(
          read.path,
          `is read from ${read.secret.source} and cannot be used: it must be 16 to 256 letters, digits and . _ ~ + / -`,
        ),
      ];
