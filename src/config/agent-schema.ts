/** `[agent]` and `[context]`: who works on a task, and what it is told first. Rules between their keys stand in `agent-rules.ts`. */
import { z } from "zod";
import { forms } from "./forms.ts";
import { argv, choice, freeTexts, size, TABLE, texts, whole } from "./value-kinds.ts";

export const AGENT_PRESETS = ["claude-code", "codex", "gemini"] as const;
export type AgentPreset = (typeof AGENT_PRESETS)[number];

const COMMAND_SAYS = 'must be a program and its arguments as a list, or "claude-code", "codex" or "gemini"';
/** A week. */
export const TIMEOUT_MINUTES_MAX = 7 * 24 * 60;

export const AgentSchema = z
  .object(
    {
      command: z
        .union([z.enum(AGENT_PRESETS), argv(COMMAND_SAYS)], COMMAND_SAYS)
        .optional()
        .meta({
          description:
            'what is launched for a run: a program and its arguments, without a shell, or "claude-code", "codex" or "gemini"',
        }),
      timeout_minutes: whole(1, TIMEOUT_MINUTES_MAX)
        .default(20)
        .meta({ description: "how long a run may take; then all its processes are ended. A webhook may set its own" }),
      max_concurrent: whole(1, 64)
        .default(1)
        .meta({ description: "runs of this desk at a time; several work in the same files" }),
      queue_max: whole(1, 1_000_000)
        .default(1000)
        .meta({ description: "runs that work or wait their turn; for one more its sender is told to come again" }),
      output_max: size("64MiB")
        .default("1MiB")
        .meta({ description: "what is kept of each of its two outputs; what comes behind is counted and dropped" }),
      env: texts(forms.variable, 100).meta({
        description:
          "names of variables that its processes are given beside PATH, HOME, USER, LANG, LC_*, TZ, TERM and TMPDIR",
      }),
      sandbox: choice(["none", "bubblewrap"]).default("none").meta({
        description: "bubblewrap shows it the desk and nothing else; none lets it do all that the daemon's user can",
      }),
      network: z
        .boolean("must be true or false")
        .default(false)
        .meta({ description: "whether it has a network in a sandbox; without one it has" }),
    },
    TABLE,
  )
  .catchall(freeTexts());

export const ContextSchema = z.strictObject(
  {
    files: texts(forms.deskPath, 100).meta({
      description: "files of the desk that every run is told word for word, behind house-rules.md",
    }),
    budget: size("16MiB")
      .default("256KiB")
      .meta({ description: "the most that a run is told before it begins; what is cut is named" }),
  },
  TABLE,
);

export type AgentText = z.output<typeof AgentSchema>;
export type ContextText = z.output<typeof ContextSchema>;
