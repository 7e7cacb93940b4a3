import type { Command } from "commander";
import type { Action, Runner } from "../program.ts";
import { daemonApi, deskOf, withApi } from "../session.ts";

export function addMetrics(program: Command, run: Runner): void {
  program
    .command("metrics")
    .description("what the running daemon counts, as /metrics has it for Prometheus")
    .action(run(metrics));
}

const metrics: Action = async (session) => {
  await withApi(daemonApi(deskOf(session)), async (api) => {
    const text = await api.text("/metrics");
    session.out.result("qoc.metrics/1", { text }, () => text);
  });
};
