/** The registry of commands, in the order that help shows them. */
import type { Command } from "commander";
import type { Runner } from "../program.ts";
import {
  addFiles,
  addInboxWrite,
  addIssue,
  addOrders,
  addRequeue,
  addResearch,
  addSnapshot,
} from "./agent-commands.ts";
import { addApproval } from "./approval.ts";
import { addApprove } from "./approve.ts";
import { addApprovers } from "./approver.ts";
import { addArtifact } from "./artifact.ts";
import { addChart } from "./chart.ts";
import { addCompletion } from "./completion.ts";
import { addConfig } from "./config.ts";
import { addConsole } from "./console.ts";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { addEndpoints } from "./endpoints.ts";
import { addEnvelopeErase } from "./envelope-erase.ts";
import { addEnvelopeExport } from "./envelope-export.ts";
import { addEnvelopeList } from "./envelope-list.ts";
import { addEnvelopeShow } from "./envelope-show.ts";
import { addEnvelopeVerify } from "./envelope-verify.ts";
import { addFsck } from "./fsck.ts";
import { addInbox } from "./inbox.ts";
import { addInit } from "./init.ts";
import { addInspect } from "./inspect.ts";
import { addKeys } from "./keys.ts";
import { addLog } from "./log.ts";
import { addLogs } from "./logs.ts";
import { addMcp } from "./mcp.ts";
import { addMetrics } from "./metrics.ts";
import { addNotify } from "./notify.ts";
import { addReady } from "./ready.ts";
import { addRun } from "./run.ts";
import { addRunsActions } from "./runs-act.ts";
import { addRunsList } from "./runs-list.ts";
import { addRunsShow } from "./runs-show.ts";
import { addRunsWatch } from "./runs-watch.ts";
import { addSend } from "./send.ts";
import { addService } from "./service.ts";
import { addStatus } from "./status.ts";
import { addStop } from "./stop.ts";
import { addStore } from "./store.ts";
import { addUp } from "./up.ts";
import { addWhy } from "./why.ts";
import { addWitness } from "./witness.ts";

type Add = (parent: Command, run: Runner) => void;

const runs = group("runs", "what became of deliveries", [addRunsList, addRunsShow, addRunsWatch, addRunsActions]);
const envelope = group("envelope", "sealed evidence", [
  addEnvelopeList,
  addEnvelopeShow,
  addEnvelopeVerify,
  addEnvelopeExport,
  addEnvelopeErase,
]);

/** Its own list, and what an agent adds to it. */
const inbox: Add = (program, run) => addInboxWrite(addInbox(program, run), run);

export const commands: readonly Add[] = [
  addInit,
  addUp,
  addDemo,
  addReady,
  addStop,
  addStatus,
  addSend,
  runs,
  addWhy,
  addChart,
  addInspect,
  inbox,
  addRun,
  addApprove,
  addApprovers,
  addApproval,
  envelope,
  addLog,
  addKeys,
  addArtifact,
  addConfig,
  addEndpoints,
  addNotify,
  addConsole,
  addLogs,
  addMetrics,
  addDoctor,
  addFsck,
  addService,
  addStore,
  addWitness,
  addOrders,
  addResearch,
  addSnapshot,
  addIssue,
  addFiles,
  addRequeue,
  addMcp,
  addCompletion,
];

function group(name: string, description: string, adds: readonly Add[]): Add {
  return (program, run) => {
    const command = program.command(name).description(description);
    for (const add of adds) add(command, run);
  };
}
