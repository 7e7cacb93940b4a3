/** Every scoped command there is. What is not in this table does not exist for an agent: to approve above all. */
import type { ToolName } from "../core/agent-run.ts";
import type { Tool } from "./tool.ts";
import { ordersPropose } from "./tools-orders.ts";
import { listFiles, readFile, status } from "./tools-reading.ts";
import { inboxWrite, issueUpdate, researchWrite, run, snapshot } from "./tools-writing.ts";

export const tools: Readonly<Record<ToolName, Tool>> = {
  status,
  snapshot,
  run,
  inbox_write: inboxWrite,
  orders_propose: ordersPropose,
  research_write: researchWrite,
  issue_update: issueUpdate,
  read_file: readFile,
  list_files: listFiles,
};

export const isToolName = (name: string): name is ToolName => Object.hasOwn(tools, name);
