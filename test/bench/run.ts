/**
 * `npm run bench`: everything in one run on one machine, as medians of several rounds and as ratios to the bare route. It prints;
 * nothing here is an assertion. `BENCH=ack,sealed,sealing,paced,streams,large,start,size,verified,append,fsck,observing,console` chooses, `BENCH_ROUNDS` says how many, `BENCH_START` and
 * `BENCH_SIZES` how many runs lie in the store, `BENCH_STREAMS` to how many deliveries the streams look on.
 */
import { ackRounds } from "./acknowledge.ts";
import { appendRounds } from "./append.ts";
import { firstViewRounds } from "./first-view.ts";
import { fsckRounds } from "./fsck.ts";
import { largeRounds } from "./large.ts";
import { observingRounds } from "./observing.ts";
import { pacedRounds } from "./paced.ts";
import { sealedRounds } from "./sealed.ts";
import { sealingRounds } from "./sealing.ts";
import { isBuilt } from "./servers.ts";
import { sizeRounds } from "./store-size.ts";
import { startRounds } from "./start-up.ts";
import { streamRounds } from "./streams.ts";
import { verifiedRounds } from "./verified.ts";

if (!isBuilt()) throw new Error("npm run build first");
const chosen = new Set(
  (
    process.env["BENCH"] ?? "ack,sealed,sealing,paced,streams,large,start,size,verified,append,fsck,observing,console"
  ).split(","),
);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
console.log(`node ${process.version}, ${rounds} rounds, medians (least to most)\n`);
if (chosen.has("ack")) await ackRounds(rounds);
if (chosen.has("sealed")) await sealedRounds(rounds);
if (chosen.has("sealing")) await sealingRounds();
if (chosen.has("paced")) await pacedRounds(rounds);
if (chosen.has("streams")) for (const count of numbers("BENCH_STREAMS", "6000")) await streamRounds(rounds, count);
if (chosen.has("large")) await largeRounds();
if (chosen.has("start")) await startRounds(numbers("BENCH_START", "1000,10000,100000"));
if (chosen.has("observing")) observingRounds();
if (chosen.has("verified")) verifiedRounds();
if (chosen.has("append")) await appendRounds([1000, 100_000, 1_000_000]);
if (chosen.has("fsck")) await fsckRounds(numbers("BENCH_FSCK", "100000"));
if (chosen.has("console")) await firstViewRounds(rounds);
if (chosen.has("size")) await sizeRounds(numbers("BENCH_SIZES", "1000,100000,1000000"), rounds);

function numbers(name: string, usual: string): readonly number[] {
  return (process.env[name] ?? usual).split(",").map(Number);
}
