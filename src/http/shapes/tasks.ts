/** A run of a task that a person asks for. */
import { z } from "zod";
import { Reason } from "./values.ts";

export const TaskParams = z.object({ task: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/) });
export const TaskBody = z.strictObject({ reason: Reason, workspace: z.string().optional() });
export const TaskRun = z.object({ run: z.string(), task: z.string() });
