/** `npx tsx test/conformance/generator/write.ts` writes the cases anew. `generator.test.ts` holds that nothing changes then. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { all, OWNED_FOLDERS } from "./all.ts";
import { CONFORMANCE } from "./case.ts";

for (const folder of OWNED_FOLDERS) rmSync(path.join(CONFORMANCE, folder), { recursive: true, force: true });
for (const [file, content] of Object.entries(all().files)) {
  const to = path.join(CONFORMANCE, file);
  mkdirSync(path.dirname(to), { recursive: true });
  writeFileSync(to, content);
}
