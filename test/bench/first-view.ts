/** How soon a view stands once its data has come: from the end of the last answer that it waits for until its rows have been painted. */
import type { Browser, BrowserContext } from "playwright-core";
import { hasBrowser, launchBrowser, pageWithToken } from "../support/browser.ts";
import * as answers from "../support/console-answers.ts";
import { fakeConsole, fakeDaemon, TOKEN } from "../support/fake-console.ts";
import { fakeRun, refusal } from "../support/fake-run.ts";
import { longJournal, replayAt, RUN, runPage } from "../support/run-page-words.ts";
import { figure } from "./figures.ts";
import { NEEDS_MAX } from "../../src/http/needs-you.ts";

const AIM_MS = 200;
const JOURNAL_ROWS = 300;

type View = {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  /** What stands only once the view does. */
  readonly selectors: readonly string[];
  /** Beginnings of the paths whose answers it waits for. */
  readonly waits: readonly string[];
};

export async function firstViewRounds(rounds: number): Promise<void> {
  if (!hasBrowser) return;
  const daemon = fakeDaemon();
  daemon.needs = muchNeeded();
  const lists = await fakeConsole(daemon);
  const page = { ...runPage(), run: { ...runPage().run, journal: longJournal(JOURNAL_ROWS) } };
  const unheard = () => refusal(500, "UNEXPECTED", "nobody acts here");
  const run = await fakeRun({
    page,
    evidence: null,
    approvers: [],
    replay: (seq) => replayAt(page, seq),
    decide: unheard,
    act: unheard,
  });
  const browser = await launchBrowser();
  const needs = { name: `needs-you, ${5 * NEEDS_MAX} items`, url: `${lists.url}/`, token: TOKEN };
  const runs = { name: "runs, 100 of a page", url: `${lists.url}/runs`, token: TOKEN };
  const one = { name: `a run, ${JOURNAL_ROWS} rows and chart`, url: `${run.url}/runs/${RUN}`, token: "t" };
  const views: readonly View[] = [
    { ...needs, selectors: [".card"], waits: ["/api/needs-you"] },
    { ...runs, selectors: [".runs-row.row"], waits: ["/api/runs"] },
    { ...one, selectors: [".journal-row", ".run-chart svg"], waits: ["/api/runs/", "/api/charts/"] },
  ];
  console.log("first view: from the end of its data to its rows painted");
  for (const view of views) {
    const took: number[] = [];
    // oxlint-disable-next-line no-await-in-loop -- one at a time: they would measure each other
    for (let round = 0; round <= rounds; round += 1) took.push(await viewed(browser, view));
    // The first round compiles what the others find compiled, and is not counted.
    console.log(`  ${view.name.padEnd(30)}${figure(took.slice(1), " ms")}   aim ${AIM_MS}`);
  }
  await browser.close();
  await Promise.all([lists.close(), run.close()]);
}

/** A context of its own has nothing cached. */
async function viewed(browser: Browser, { url, token, selectors, waits }: View): Promise<number> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await pageWithToken(context, token);
  // A task behind the picture's callback begins when the picture has been made.
  await page.addInitScript(`globalThis.painted = new Promise((resolve) => {
    const look = () => {
      if (!${JSON.stringify(selectors)}.every((selector) => document.querySelector(selector) !== null)) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now()), 0));
    };
    const watch = new MutationObserver(look);
    watch.observe(document, { subtree: true, childList: true });
  })`);
  await page.goto(url);
  const ms = Number(
    await page.evaluate(`painted.then((at) => {
      const those = performance.getEntriesByType("resource").filter(({ name, responseEnd }) =>
        responseEnd <= at && ${JSON.stringify(waits)}.some((begins) => new URL(name).pathname.startsWith(begins)));
      if (those.length === 0) throw new Error("no answer came before the view");
      return at - Math.max(...those.map(({ responseEnd }) => responseEnd));
    })`),
  );
  await context.close();
  return ms;
}

/** As much as is ever shown: fifty of each kind. */
function muchNeeded(): ReturnType<typeof answers.needsMuch> {
  const { items, counts, ...rest } = answers.needsMuch();
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  const many = kinds.flatMap((kind) => {
    const [first] = items.filter((item) => item.kind === kind);
    if (first === undefined) return [];
    return Array.from({ length: NEEDS_MAX }, (_, n) =>
      "run" in first ? { ...first, run: answers.runId(n) } : manyOf(first, n),
    );
  });
  return {
    ...rest,
    items: many,
    counts: {
      ...counts,
      approval: NEEDS_MAX,
      stuck: NEEDS_MAX,
      expiring: NEEDS_MAX,
      inbox: NEEDS_MAX,
      webhook: NEEDS_MAX,
    },
  };
}

type Unnamed = Exclude<ReturnType<typeof answers.needsMuch>["items"][number], { readonly run: string }>;
const manyOf = (item: Unnamed, n: number): Unnamed =>
  item.kind === "inbox" ? { ...item, file: `inbox/${n}.md` } : { ...item, webhook: `webhook-${n}` };
