/** Says `ready`, waits for a line, tries to take a desk's lock, says `locked` or `busy <pid>`, and lives on until it is killed. */
import { once } from "node:events";
import { DeskBusy, lockDesk } from "../../src/adapters/desk-lock.ts";

process.stdout.write("ready\n");
await once(process.stdin, "data");
try {
  lockDesk(process.argv[2] ?? "");
  process.stdout.write("locked\n");
} catch (error) {
  if (!(error instanceof DeskBusy)) throw error;
  process.stdout.write(`busy ${error.pid}\n`);
}
process.stdin.resume();
