import { readFileSync } from "node:fs";
import { z } from "zod";

/** The package's version. Compiled files lie one folder deeper below the package than sources do. */
export const version: string = versionIn(["../package.json", "../../package.json"]);

function versionIn(places: readonly string[]): string {
  for (const place of places) {
    try {
      const found = z
        .object({ name: z.literal("qoc"), version: z.string() })
        .safeParse(JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")));
      if (found.success) return found.data.version;
    } catch {
      continue;
    }
  }
  throw new Error("package.json of qoc is not where it should be");
}
