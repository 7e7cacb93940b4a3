/**
 * A daemon that launches one agent, which says in `research/alive` that it lives and then does nothing. Started as
 * `node --import tsx test/support/launching-process.ts <desk> <the run's folder> <none|bubblewrap>`.
 */
import { systemClock } from "../../src/adapters/clock.ts";
import { environmentOf, markOf } from "../../src/agent/environment.ts";
import { launchAgent } from "../../src/agent/launch.ts";
import { runIdOf } from "../../src/core/ids.ts";

const [, , desk = "", folder = "", sandbox = ""] = process.argv;
const run = {
  run: runIdOf("0199aaaa-bbbb-8ccc-8ddd-eeeeffff0003"),
  task: "look",
  token: "token",
  socket: `${folder}/socket`,
  bundle: `${folder}/bundle.md`,
  bin: folder,
  mcp_url: null,
};
const launched = launchAgent(
  {
    desk,
    argv: ["/bin/sh", "-c", "echo alive > research/alive; sleep 60 & setsid sleep 60"],
    env: environmentOf({}, [], run),
    mark: markOf(run),
    stdin: new Uint8Array(),
    timeout_ms: 60_000,
    output_max_bytes: 1000,
    sandbox: sandbox === "none" ? null : { network: false, folder, socket: run.socket, reads: [], credentials: [] },
  },
  systemClock,
);
await launched.result;
