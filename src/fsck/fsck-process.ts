/** The process that `fsck-aside.ts` starts: told on its command line what to look at, it says what it found and ends. */
import { reasonOf } from "../core/assert.ts";
import { fsck, type FsckAsked } from "./fsck.ts";
import type { FsckSaid } from "./fsck-aside.ts";

const asked: FsckAsked = JSON.parse(process.argv[2] ?? "{}");
const say = (said: FsckSaid): void => void process.send?.(said);

try {
  say({
    kind: "report",
    report: await fsck({ ...asked, progress: (done, of) => say({ kind: "progress", done, of }) }),
  });
} catch (thrown) {
  say({ kind: "failed", reason: reasonOf(thrown) });
}
process.disconnect();
