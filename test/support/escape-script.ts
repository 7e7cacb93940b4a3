/** Agents that try to do what they may not, without a sandbox. Two of them are under way at a time. */
import { DESK } from "./agent-desk.ts";
import { TELLS } from "./escaping-agent.ts";

/** Of each a webhook and a task of that name; `risk-review` is there besides. */
export const TASKS = ["victim", "thief", "stubborn", "flood", "forks"];
/** What the agent of each task tries. Some wait for one another, two at a time. */
export const ESCAPES = `${TELLS}
const { QOC_RUN: run, QOC_RUN_TOKEN: token, QOC_SOCKET: socket } = process.env;
const control = JSON.parse(readFileSync(".qoc/daemon.json", "utf8")).socket;
const bearer = (text) => ({ authorization: "Bearer " + text });
const until = async (file) => { while (!existsSync(file)) await new Promise((again) => setTimeout(again, 25)); };
const tasks = {
  async victim() {
    const client = await stdio();
    const asks = (name, tool, args) => attempt(name, () => call(client, tool, args));
    for (const path of ["../outside.md", "research/../../outside.md", "/etc/passwd", ".env.qoc", ".qoc/daemon.json", "research/../.env.qoc"])
      await asks("read " + path, "read_file", { path });
    for (const path of ["..", "/", ".qoc"]) await asks("list " + path, "list_files", { path });
    symlinkSync("/etc/passwd", "research/passwd.md");
    symlinkSync("../.env.qoc", "research/env.md");
    symlinkSync("../.qoc", "research/runtime");
    linkSync(".env.qoc", "research/second-name.md");
    for (const path of ["research/passwd.md", "research/env.md", "research/runtime/daemon.json", "research/second-name.md"])
      await asks("read " + path, "read_file", { path });
    await asks("list research/runtime", "list_files", { path: "research/runtime" });
    mkdirSync("entities/swap");
    writeFileSync("entities/swap/daemon.json", "mine");
    await asks("read before the swap", "read_file", { path: "entities/swap/daemon.json" });
    renameSync("entities/swap", "entities/was");
    symlinkSync("../.qoc", "entities/swap");
    await asks("read after the swap", "read_file", { path: "entities/swap/daemon.json" });
    for (const name of ["../desk.toml", "/tmp/escaped", ".qoc/approver-root", ".env.qoc", "passwd"])
      await asks("write " + name, "research_write", { name, content: "mine" });
    renameSync("snapshots", "snapshots-was");
    symlinkSync(".qoc", "snapshots");
    await asks("write through a swapped folder", "snapshot", { title: "mine", text: "mine" });
    rmSync("snapshots");
    renameSync("snapshots-was", "snapshots");
    renameSync("issues/victim.md", "issues/victim-was.md");
    symlinkSync("../desk.toml", "issues/victim.md");
    await asks("write desk.toml through the issue", "issue_update", { summary: "mine" });
    rmSync("issues/victim.md");
    renameSync("issues/victim-was.md", "issues/victim.md");
    await asks("propose under a path", "orders_propose", order("../../desk", "sell", "1"));
    await asks("queue a path", "run", { task: "../desk", reason: "mine" });
    for (const name of ["approve", "orders_execute", "shell", "__proto__", "constructor"]) await asks("tool " + name, name, {});
    rmSync("research/second-name.md");
    await attempt("environment", () => JSON.stringify(process.env));
    writeFileSync("research/victim.json", JSON.stringify({ run, token }));
    await until("research/thief-is-done.md");
  },
  async thief() {
    await until("research/victim.json");
    const victim = JSON.parse(readFileSync("research/victim.json", "utf8"));
    await attempt("as another run by name", () => shell("qoc", ["research", "write", "whose", "--body", "mine"], { ...process.env, QOC_RUN: victim.run, QOC_TASK: "victim" }));
    for (const [name, method, target, body] of [
      ["runs", "GET", "/api/runs", undefined],
      ["cancel", "POST", "/api/runs/" + victim.run + "/cancel", {}],
      ["decide", "POST", "/api/runs/" + victim.run + "/decisions", { draft: 1, decision: "approve", digest: "0".repeat(64) }],
      ["stop", "POST", "/api/stop", {}],
    ])
      await attempt("another's token: " + name, () => over(control, method, target, body, bearer(victim.token)));
    await attempt("a token of its own making", () => over(socket, "GET", "/api/agent/tools", undefined, bearer("qoc_run_" + "A".repeat(43))));
    writeFileSync("research/thief-is-done.md", "");
    let last;
    do last = await over(socket, "GET", "/api/agent/tools", undefined, bearer(victim.token));
    while (last.startsWith("200"));
    await attempt("the token after the end", () => last);
    const living = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
    living.unref();
    tell("lives on", true, living.pid);
    tell("its token", true, token);
  },
  async "risk-review"() {
    const client = await stdio();
    await call(client, "orders_propose", order("NVDA", "sell", "10"));
    await attempt("tool approve", () => call(client, "approve", { draft: 1 }));
    const { QOC_RUN_TOKEN: _, ...without } = process.env;
    for (const args of [["approve", run, "--draft", "1"], ["approver", "add", "eve"], ["approver", "reset"], ["stop"]])
      await attempt("qoc " + args[0] + " " + (args[1] === run ? "" : args[1] ?? ""), () => shell("qoc", args));
    for (const args of [["approver", "add", "eve"], ["approver", "reset"]])
      await attempt("without the token: qoc " + args.join(" "), () => shell("qoc", args, without));
    const approval = { draft: 1, decision: "approve", digest: readFileSync("planted/none", "utf8") };
    await attempt("decide with the token", () => over(control, "POST", "/api/runs/" + run + "/decisions", approval, bearer(token)));
    await attempt("decide without it", () => over(control, "POST", "/api/runs/" + run + "/decisions", approval));
    for (const name of readdirSync("planted")) if (name !== "none") copyFileSync("planted/" + name, ".qoc/approvers/" + name);
    await attempt("reset to it", () => over(control, "POST", "/api/approvers/reset", { workspace: "${DESK}", root: readFileSync("planted/mallory.print", "utf8") }));
  },
  async stubborn() {
    // Not through the stdio shim: that one is asked to end too, and does.
    const asks = (tool, args) => () => over(socket, "POST", "/api/agent/call", { tool, arguments: args }, bearer(token));
    process.on("SIGTERM", () => {
      tell("asked to end", true, "");
      void (async () => {
        await attempt("write after the cancel", asks("research_write", { name: "after-the-cancel", content: "mine" }));
        await attempt("propose after the cancel", asks("orders_propose", order("AMD", "buy", "1")));
      })();
    });
    await attempt("write before", asks("research_write", { name: "before-the-cancel", content: "mine" }));
    tell("pid", true, process.pid);
    await new Promise((never) => setTimeout(never, 600_000));
  },
  async flood() {
    const part = Buffer.alloc(1024 * 1024, "x");
    for (let n = 0; n < 200; n += 1) await new Promise((next) => process.stdout.write(part, next));
  },
  async forks() {
    const loop = "i=0; while [ $i -lt 300 ]; do setsid sleep 300 >/dev/null 2>&1 & i=$((i+1)); done";
    const { status } = spawnSync("sh", ["-c", loop], { stdio: "ignore", timeout: 20_000 });
    tell("forked", status === 0, status);
  },
};
await tasks[process.env.QOC_TASK]();
`;
