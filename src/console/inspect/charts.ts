/** Charts of the daemon for the machines that frames name. */
import type { LaidOutChart } from "../../chart/chart.ts";
import { canonical } from "../../core/canonical.ts";
import type { ChartShown, ChartsPage } from "../../http/shapes/charts.ts";
import { ask } from "../api.ts";
import { token } from "../session.ts";
import { readDefinition } from "./frame.ts";

const KNOWN_MAX = 50;
/** By the text of the definition. */
const known = new Map<string, Promise<LaidOutChart | null>>();

/** Null when the daemon has no machine that is, to the letter, the one of this definition; and when nobody is signed in. */
export function chartOf(definition: string): Promise<LaidOutChart | null> {
  if (token.value === null) return Promise.resolve(null);
  const asked = known.get(definition) ?? askFor(definition);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(definition, asked);
  asked.catch(() => known.delete(definition));
  return asked;
}

async function askFor(definition: string): Promise<LaidOutChart | null> {
  const { machine, version } = readDefinition(definition);
  const { items } = await ask<ChartsPage>("/api/charts");
  const item = items.find((each) => each.machine === machine && each.version === version);
  if (item === undefined || item.definition !== (await hashOf(definition))) return null;
  const path = `${encodeURIComponent(machine)}/${encodeURIComponent(version)}`;
  const { chart } = await ask<ChartShown>(`/api/charts/${path}`);
  return chart;
}

/** As the daemon takes it of the machine itself. */
async function hashOf(definition: string): Promise<string> {
  const bytes = new TextEncoder().encode(canonical(JSON.parse(definition)));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
