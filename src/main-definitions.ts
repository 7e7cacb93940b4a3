/** The literals of this build's machines, as the inspection protocol tells them: states, arrows and names, not the code behind the names. */
import { machineFor } from "../machines/index.ts";

const texts = new Map<string, string>();

/** As JSON text; undefined when this build has no such machine. */
export function definitionText(machine: string, version: string): string | undefined {
  const key = `${machine}/${version}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const found = machineFor(machine, version);
  if (found === undefined) return undefined;
  const text = JSON.stringify(found.config);
  texts.set(key, text);
  return text;
}
