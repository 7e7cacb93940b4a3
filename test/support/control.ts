/** Asks a running daemon over its control socket. */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { within } from "./daemon.ts";

const Status = z.object({
  workspaces: z.array(
    z.object({
      mail_waiting: z.number(),
      runs: z.object({ unfinished: z.number() }),
      notices: z.object({ unwritten: z.number() }),
    }),
  ),
});

const LOOK_AGAIN_MS = 40;

/** The JSON that `GET path` answers, or `POST path` where there is something to post. @throws when the daemon does not answer */
export function ask(dir: string, target: string, posted?: object): Promise<unknown> {
  const { socket }: { readonly socket: string } = JSON.parse(
    readFileSync(path.join(dir, ".qoc", "daemon.json"), "utf8"),
  );
  return new Promise((resolve, reject) => {
    const how = posted === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" } };
    const asked = request({ socketPath: socket, path: target, agent: false, ...how }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve(JSON.parse(text)));
      answer.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(posted === undefined ? undefined : JSON.stringify(posted));
  });
}

/** Resolves when every run of the daemon's desks is at rest, every notice is written and no mail waits. */
export async function quiet(dir: string): Promise<void> {
  let last: z.infer<typeof Status> | undefined;
  const look = async (): Promise<void> => {
    for (;;) {
      last = Status.parse(await ask(dir, "/api/status"));
      const left = last.workspaces.map(({ mail_waiting, runs, notices }) => [
        mail_waiting,
        runs.unfinished,
        notices.unwritten,
      ]);
      if (left.flat().every((count) => count === 0)) return;
      await pause(LOOK_AGAIN_MS);
    }
  };
  await within(look(), () => `was still busy: ${JSON.stringify(last)}`);
}
