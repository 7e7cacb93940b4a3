/**
 * The tools of one run, behind whichever transport. Calls are taken one after the other; each is done, then recorded, then answered, so
 * that the agent never hears of what the run does not know. A crash in between leaves a file that no record names, which is no draft.
 */
import type { ToolCall } from "../core/agent-run.ts";
import { TOOL_NAMES } from "../core/agent-run.ts";
import { cut } from "../desk/markdown.ts";
import type { Artifact } from "../engine/ports.ts";
import { createOwnFiles } from "./own-files.ts";
import type { ToolAnswer, ToolDoor } from "./tool-door.ts";
import { createCallRate, createWriteBudget, TOOL_LIMITS, type ToolLimits } from "./tool-limits.ts";
import { type ArgumentBytes, argumentBytes, recordOf, refusalText } from "./tool-record.ts";
import { type Done, type Hand, refused, type ToolRefused, type ToolWorld } from "./tool.ts";
import { isToolName, tools } from "./tools.ts";

export type ToolBox = ToolDoor & {
  /**
   * Ends the run's tools: calls that wait are refused, later ones are refused and not recorded. Resolves when the call under way has
   * been recorded: nothing of this run is recorded behind that.
   */
  readonly close: () => Promise<void>;
};

export type ToolBoxWorld = ToolWorld & {
  /** Resolves when the call is part of the run for good. */
  readonly record: (call: ToolCall, artifacts: readonly Artifact[]) => Promise<void>;
  /** Told of a tool that failed for no fault of the agent's. */
  readonly complain: (says: string, reason: unknown) => void;
};

/** What became of a call before it had its turn: arguments over a limit are not kept while it waits. */
type Asked = { readonly args: unknown; readonly bytes: ArgumentBytes | null; readonly over: ToolRefused | undefined };

const CLOSED = refused("The tools of this run are closed: it has ended.");
const FAILED = refused("The tool failed; the daemon's log says why.");

export function createToolBox(world: ToolBoxWorld, limits: ToolLimits = TOOL_LIMITS): ToolBox {
  const hand = handOf(world, limits, () => limits.calls - taken);
  const rate = createCallRate(limits.calls_per_minute);
  let taken = 0;
  let waiting = 0;
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  async function answer(tool: string, asked: Asked): Promise<ToolAnswer> {
    const outcome = closed ? CLOSED : (asked.over ?? (await performed(tool, asked.args, hand, world)));
    const { call, artifacts } = recordOf(tool, asked.bytes, outcome);
    await world.record(call, artifacts);
    return outcome.kind === "refused" ? refusalAnswer(outcome) : answerOf(outcome, limits.answer_bytes);
  }

  function ask(args: unknown): Asked {
    const over = rate.take(world.clock.now());
    if (waiting >= limits.waiting)
      return { args: null, bytes: null, over: refused(`More than ${limits.waiting} calls are waiting.`) };
    const bytes = argumentBytes(args, limits.argument_bytes);
    if (over !== undefined) return { args: null, bytes, over };
    if (bytes.size > limits.argument_bytes)
      return { args: null, bytes, over: refused(`The arguments have more than ${limits.argument_bytes} bytes.`) };
    return { args, bytes, over: undefined };
  }

  return {
    tools: TOOL_NAMES.map((name) => ({ name, description: tools[name].description, input: tools[name].input })),
    call: async (tool, args) => {
      if (closed) return refusalAnswer(CLOSED);
      if (taken >= limits.calls)
        return refusalAnswer(refused(`A run has ${limits.calls} calls in all, and this one has made them.`));
      taken += 1;
      const asked = ask(args);
      waiting += 1;
      const turn = last.then(() => answer(tool, asked)).finally(() => (waiting -= 1));
      last = turn.catch(() => undefined);
      return turn;
    },
    close: async () => {
      closed = true;
      await last;
    },
  };
}

function handOf(world: ToolWorld, limits: ToolLimits, callsLeft: () => number): Hand {
  const budget = createWriteBudget(limits);
  return {
    world,
    own: createOwnFiles(world.files, budget),
    queued: new Set(),
    proposed: [],
    drafts_max: limits.drafts,
    left: () => ({ calls: callsLeft(), ...budget.left() }),
  };
}

async function performed(tool: string, args: unknown, hand: Hand, world: ToolBoxWorld): Promise<Done | ToolRefused> {
  if (!isToolName(tool)) return refused(`There is no such tool. There are: ${TOOL_NAMES.join(", ")}.`);
  try {
    return await tools[tool].perform(args, hand);
  } catch (thrown) {
    world.complain(`the tool ${tool} failed`, thrown);
    return FAILED;
  }
}

const refusalAnswer = ({ says }: ToolRefused): ToolAnswer => ({ ok: false, refusal: refusalText(says) });

/** Tools keep their answers small themselves; this is the bound that holds whatever they do. */
function answerOf({ text, structured }: Done, bytesMax: number): ToolAnswer {
  const isSmall = Buffer.byteLength(JSON.stringify(structured)) <= bytesMax;
  return { ok: true, text: bounded(text, bytesMax), ...(isSmall ? { structured } : {}) };
}

/** A character has up to three bytes a unit: a text of a third of the units always fits. */
function bounded(text: string, bytesMax: number): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= bytesMax) return text;
  return cut(text, Math.floor(bytesMax / 3) - 100, () => `\n[left out: the answer has ${bytes} bytes in all]`);
}
