import type { Command } from "commander";
import path from "node:path";
import { z } from "zod";
import { allCharts, chartFor } from "../../chart/book.ts";
import type { LaidOutChart, Marks } from "../../chart/chart.ts";
import { NO_MARKS, marksOf } from "../../chart/marks.ts";
import { renderChart } from "../../chart/svg.ts";
import { type TableRow, type WayOut, chartRows } from "../../chart/table.ts";
import { ChartNow } from "../../http/shapes/run-page.ts";
import { RunShown } from "../answers.ts";
import { answerOf } from "../client.ts";
import { CliError, usage } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { textOption } from "../flags.ts";
import { runName } from "../ids.ts";
import { type Output, plain, table } from "../output.ts";
import { writeNew } from "../new-file.ts";
import type { Action, Runner } from "../program.ts";
import { type Session, deskOf, readingApi, withApi } from "../session.ts";

export function addChart(program: Command, run: Runner): void {
  program
    .command("chart")
    .argument("[run-or-machine]", "a run, with the path that it took; or a machine by its name; otherwise their names")
    .description("a machine as a chart: where a run came along, where it is, what is possible now")
    .option("--svg <file>", "write the picture there; a file that is there is never replaced")
    .action(run(showChart));
}

type Shown = {
  readonly chart: LaidOutChart;
  readonly marks: Marks;
  readonly run: string | null;
  readonly state: string | null;
};

const showChart: Action = async (session, args, options) => {
  const { io, out } = session;
  const [name] = args;
  const file = textOption(options, "svg");
  if (name === undefined) {
    if (file !== undefined)
      throw usage("--svg needs to know of what.", machineNames(), "qoc chart delivery --svg FILE");
    listCharts(out);
    return;
  }
  const machine = chartFor(name);
  const shown: Shown =
    machine === undefined
      ? await shownOfRun(session, name)
      : { chart: machine, marks: NO_MARKS, run: null, state: null };
  const to = file === undefined ? null : path.resolve(io.cwd, file);
  if (to !== null) writeNew(to, `${renderChart(shown.chart, shown.marks, { colours: "attributes" })}\n`, "--svg");
  const { chart, marks, run, state } = shown;
  const rows = chartRows(chart, marks);
  const { machine: of, version, definition } = chart;
  out.result("qoc.chart/1", { machine: of, version, definition, run, state, svg: to, rows }, () =>
    to === null ? page(shown, rows, out) : `${plain(to)} shows ${titleOf(shown)}`,
  );
};

const machineNames = (): string =>
  `It takes a run or a machine: ${[...new Set(allCharts().map(({ chart }) => chart.machine))].join(", ")}.`;

function listCharts(out: Output): void {
  const items = allCharts().map(({ chart: { machine, version, definition } }) => ({ machine, version, definition }));
  out.list("qoc.charts.list/1", { items }, () =>
    table(
      items.map(({ machine, version, definition }) => [machine, version, out.paint("dim", definition.slice(0, 12))]),
    ),
  );
}

const WithChart = z.looseObject({ chart: ChartNow });

async function shownOfRun(session: Session, name: string): Promise<Shown> {
  if (!/^[@0-9a-f]/i.test(name))
    throw usage(`${JSON.stringify(name)} is not the name of a machine.`, machineNames(), "qoc chart");
  const part = runName(name);
  return withApi(readingApi(session, deskOf(session)), async (api) => {
    const { run, state, journal } = await answerOf(api, RunShown, "GET", `/api/runs/${part}`);
    const now = WithChart.safeParse((await api.ask("GET", `/api/runs/${run}/page`)).body).data?.chart;
    const chart = chartFor(now?.machine ?? "delivery", now?.version);
    if (chart === undefined) throw noChart(now);
    if (now !== undefined && now.definition !== chart.definition) {
      session.out.note("This run was last stepped by another definition of its machine than this chart shows.");
    }
    return { chart, marks: marksOf(chart, journal, state, now?.timers), run, state };
  });
}

const noChart = (now: ChartNow | undefined): CliError =>
  new CliError({
    what: "This build has no chart of that run's machine.",
    why: `It is ${now?.machine ?? "unknown"}, version ${now?.version ?? "unknown"}.`,
    try: "qoc chart",
    code: "CHART_UNKNOWN",
    exit: exitCodes.notFound,
  });

const titleOf = ({ chart, run, state }: Shown): string =>
  run === null
    ? `the machine ${chart.machine}, version ${chart.version}`
    : plain(`run ${run}, which is in ${state ?? ""} (${chart.machine} ${chart.version})`);

function page(shown: Shown, rows: readonly TableRow[], out: Output): string {
  const head = ["", "state", "", "hears", "goes to", ""].map((cell) => (cell === "" ? "" : out.paint("dim", cell)));
  return `${titleOf(shown)}\n\n${table([head, ...rows.flatMap((row) => cellsOf(row, out))])}`;
}

/** A line for each way out. What is here has a sign and a word, and colour besides. */
function cellsOf(row: TableRow, out: Output): readonly (readonly string[])[] {
  const { depth, here, marks, ways } = row;
  const name = row.state === "" ? "(anywhere)" : `${"  ".repeat(depth)}${row.state}`;
  const state = [here ? ">" : " ", here ? out.paint("green", name) : name, marks.join(", ")];
  if (ways.length === 0) return [state];
  return ways.map((way, i) => [...(i === 0 ? state : ["", "", ""]), ...wayCells(way, out)]);
}

const wayCells = ({ event, guard, to, marks }: WayOut, out: Output): readonly string[] => [
  guard === null ? event : `${event} [${guard}]`,
  to === null ? "(stays)" : to,
  marks.includes("possible now") ? out.paint("yellow", marks.join(", ")) : marks.join(", "),
];
