/** What a delivery costs the engine and its store (mail, steps, three commits; no files) when this many runs lie in the store. */
import { figure, median } from "./figures.ts";
import { populate } from "./populate.ts";
import { newDesk } from "./servers.ts";

const MEASURED = 5_000;

export async function sizeRounds(sizes: readonly number[], rounds: number): Promise<void> {
  console.log(`cost of a delivery by runs in the store, ${MEASURED} deliveries a round: CPU, and seconds on the clock`);
  const desk = newDesk();
  const store = await populate(desk.dir, "sealed");
  let first: number | undefined;
  let lie = 0;
  for (const size of sizes) {
    while (lie < size) {
      const more = Math.min(size - lie, 50_000);
      await store.add(more);
      lie += more;
    }
    const cpu: number[] = [];
    const wall: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [begun, used] = [performance.now(), process.cpuUsage()];
      await store.add(MEASURED);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / MEASURED);
      wall.push(((performance.now() - begun) * 1000) / MEASURED);
      lie += MEASURED;
    }
    first ??= median(cpu);
    const bytes = (store.store.stats().bytes / lie / 1024).toFixed(1);
    console.log(
      `  ${String(size).padStart(9)}  ${figure(cpu, " µs CPU")}  ${figure(wall, " µs")}  ratio ${(median(cpu) / first).toFixed(2)}  ${bytes} KB a run`,
    );
  }
  console.log("  aim: flat within 20 %\n");
  await store.close();
  desk.remove();
}
