import type { Command } from "commander";
import path from "node:path";
import { endpointOf } from "../../config/forms.ts";
import { isCosigner, readVkey } from "../../evidence/log/note.ts";
import { reasonOf } from "../../core/assert.ts";
import { usage } from "../errors.ts";
import { textOption } from "../flags.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { withWitness } from "../witness-parts.ts";

const LISTEN = "127.0.0.1:7440";

export function addWitness(program: Command, run: Runner): void {
  const witness = program.command("witness").description("cosign the logs of other desks; needs no desk");
  witness
    .command("init")
    .argument("<folder>", "where its key and its memory are to lie")
    .requiredOption("--name <name>", "what it is known by, such as witness.example/w1")
    .description("make a witness with a key of its own, and print its vkey")
    .action(run(init));
  witness
    .command("add")
    .argument("<folder>", "the folder of the witness")
    .argument("<vkey>", "the log's, from its .qoc/keys/log.vkey")
    .description("allow a log; a key that follows another, or an epoch, is a vkey more")
    .action(run(add));
  witness
    .command("serve")
    .argument("<folder>", "the folder of the witness")
    .option("--listen <host:port>", "where it is asked", LISTEN)
    .description("answer POST add-checkpoint (c2sp.org/tlog-witness) in the foreground")
    .action(run(serve));
}

const init: Action = async ({ io, out }, args, options) => {
  const folder = path.resolve(io.cwd, args[0] ?? "");
  const name = textOption(options, "name") ?? "";
  const { vkey } = await withWitness((parts) => {
    if (parts.isWitnessName(name)) return parts.initWitness(folder, name);
    throw usage(
      `${JSON.stringify(name)} is no name of a witness.`,
      "It takes up to 255 characters of ASCII without blanks and without +.",
      "--name witness.example/w1",
    );
  });
  out.result("qoc.witness.init/1", { folder, name, vkey }, () => vkey);
};

const add: Action = async ({ io, out }, args) => {
  const folder = path.resolve(io.cwd, args[0] ?? "");
  const vkey = args[1] ?? "";
  const log = readVkey(vkey);
  if (log === undefined || isCosigner(log)) {
    throw usage(
      "That is no vkey of a log.",
      "It is <name>+<8 hex digits>+<base64>, with a key that signs checkpoints.",
      'qoc witness add FOLDER "$(cat .qoc/keys/log.vkey)"',
    );
  }
  const { added } = await withWitness((parts) => parts.addWitnessLog(folder, log));
  out.result("qoc.witness.add/1", { folder, origin: log.name, added }, () =>
    added
      ? `${log.name} may ask from the next start of the witness, or its next SIGHUP`
      : `${log.name} is allowed already`,
  );
};

const serve: Action = async ({ io, out }, args, options) => {
  const folder = path.resolve(io.cwd, args[0] ?? "");
  const listen = textOption(options, "listen") ?? LISTEN;
  const door = endpointOf(listen);
  if (door === null)
    throw usage(`--listen ${JSON.stringify(listen)} is no address.`, "It is HOST:PORT.", `--listen ${LISTEN}`);
  const complain = (says: string): void => out.note(plain(says));
  const server = await withWitness((parts) => parts.serveWitness(folder, door, complain));
  const leave = io.onHangup(() => {
    try {
      server.reload();
      out.note(`${server.logs().length} logs may ask`);
    } catch (thrown) {
      complain(`the list of logs is refused, the old one stays: ${reasonOf(thrown)}`);
    }
  });
  try {
    const { url, name, vkey } = server;
    out.row("qoc.witness.serve/1", { ready: true, url, name, vkey, logs: server.logs() }, () =>
      [`${name} on ${url}`, vkey, ...server.logs().map((origin) => `  ${origin}`), out.paint("green", "ready")].join(
        "\n",
      ),
    );
    await untilAborted(io.stopping);
  } finally {
    leave();
    await server.close();
  }
  out.note("stopped");
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
