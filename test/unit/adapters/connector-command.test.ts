/** The command connector against real processes: what each way to end says, and what a command gets to see. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandConnector, type CommandConnectorSettings } from "../../../src/adapters/connector-command.ts";
import type { Connector } from "../../../src/orders/connector.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { orderToSend } from "./paper-support.ts";

const order = orderToSend(1);
const ACCEPTED = '{"kind":"accepted","reference":"A-1"}';

type Changes = Partial<CommandConnectorSettings> & { readonly dir?: string };

/** A connector whose command is this shell script; asked, it runs the other. */
function connectorOf(script: string, changes: Changes = {}): Connector {
  const dir = changes.dir ?? temporaryFolder();
  const settings = { name: "broker", command: ["/bin/sh", "-c", script], ask: null, timeout_ms: 10_000, env: [] };
  const environment = { PATH: process.env["PATH"], BROKER_TOKEN: "t0ken", CANARY: "sings" };
  return commandConnector({ ...settings, ...changes }, { dir, environment });
}

/** Each an order of its own: what one test leaves running is no attempt at the order of another. */
let orders = 1;
const submit = (script: string, changes: Changes = {}) => connectorOf(script, changes).submit(orderToSend(++orders));
const ask = (script: string, changes: Changes = {}) =>
  connectorOf("exit 1", { ...changes, ask: ["/bin/sh", "-c", script] }).ask(order.key);

describe("a command that exits with 0", () => {
  test.each([
    ["filled", '{"kind":"filled","fills":[{"quantity":"10","price":"120.50"}],"reference":"F-1"}'],
    ["accepted", ACCEPTED],
    ["refused", '{"kind":"refused","reason":"no margin"}'],
    ["unclear", '{"kind":"unclear","reason":"the line dropped"}'],
  ])("is believed when it says %s", async (_, said) => {
    expect(await submit(`cat >/dev/null; printf '%s\\n' '${said}'`)).toEqual(JSON.parse(said));
  });

  test("may leave out the reference of what is filled", async () => {
    const said = '{"kind":"filled","fills":[{"quantity":"10","price":"1"}]}';
    expect(await submit(`echo '${said}'`)).toMatchObject({ kind: "filled", reference: null });
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "done"],
    ["two documents", `${ACCEPTED}\n${ACCEPTED}`],
    ["a kind that there is not", '{"kind":"sent"}'],
    ["a member that there is not", '{"kind":"accepted","reference":"A","also":1}'],
    ["a member twice", '{"kind":"refused","reason":"a","kind":"accepted","reference":"A"}'],
    ["an amount as a number", '{"kind":"filled","fills":[{"quantity":10,"price":"1"}]}'],
    ["an amount with an exponent", '{"kind":"filled","fills":[{"quantity":"1e3","price":"1"}]}'],
    ["an amount of nothing", '{"kind":"filled","fills":[{"quantity":"0","price":"1"}]}'],
    ["fills of none", '{"kind":"filled","fills":[]}'],
    ["no reason", '{"kind":"refused"}'],
    ["what only an answer may say", '{"kind":"not_seen"}'],
    ["a list", `[${ACCEPTED}]`],
  ])("and writes %s leaves it open", async (_, said) => {
    expect(await submit(`printf '%s' '${said}'`)).toEqual({
      kind: "unclear",
      reason: "the connector's command exited with 0 and wrote nothing that is an answer",
    });
  });

  test("and writes what is no UTF-8 leaves it open", async () => {
    const said = await submit(String.raw`printf '{"kind":"accepted","reference":"\377"}'`);
    expect(said.kind).toBe("unclear");
  });
});

describe("a command that exits otherwise", () => {
  test("with 65 and says refused has sent nothing", async () => {
    expect(await submit(`echo '{"kind":"refused","reason":"no such symbol"}'; exit 65`)).toEqual({
      kind: "refused",
      reason: "no such symbol",
    });
  });

  test.each(["", ACCEPTED, '{"kind":"unclear","reason":"who knows"}', "refused"])(
    "with 65 and says %j leaves it open",
    async (said) => {
      expect((await submit(`printf '%s' '${said}'; exit 65`)).kind).toBe("unclear");
    },
  );

  test.each([1, 2, 64, 66, 69, 70, 75, 126, 127, 255])("with %i leaves it open, whatever it says", async (code) => {
    const refused = `echo '{"kind":"refused","reason":"no"}'; exit ${code}`;
    expect(await submit(refused)).toEqual({
      kind: "unclear",
      reason: `the connector's command exited with ${code} and said "refused"`,
    });
    expect((await submit(`echo '${ACCEPTED}'; exit ${code}`)).kind).toBe("unclear");
  });

  test.each(["TERM", "KILL", "SEGV"])("by SIG%s leaves it open", async (signal) => {
    expect(await submit(`echo '${ACCEPTED}'; kill -${signal} $$`)).toEqual({
      kind: "unclear",
      reason: `of the connector's command: it was ended by SIG${signal}`,
    });
  });
});

describe("a command that cannot be started has sent nothing", () => {
  test("because there is none", async () => {
    const said = await submit("", { command: ["/nowhere/broker"] });
    expect(said).toEqual({
      kind: "refused",
      reason: "the connector's command was not run: it cannot be started: ENOENT",
    });
  });

  test("because it may not be executed", async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, "broker"), "#!/bin/sh\necho hello\n", { mode: 0o600 });
    const said = await submit("", { command: [join(dir, "broker")] });
    expect(said).toEqual({
      kind: "refused",
      reason: "the connector's command was not run: it cannot be started: EACCES",
    });
  });

  test("but an argument that no process can have leaves it open", async () => {
    expect((await submit("", { command: ["/bin/true", "a\0b"] })).kind).toBe("unclear");
  });
});

describe("a command that does not behave", () => {
  test("is ended when its time is up, with all that it started", async () => {
    const dir = temporaryFolder();
    const script = `(sleep 1; echo late > late) & echo '${ACCEPTED}'; sleep 30`;
    const began = Date.now();
    expect(await submit(script, { dir, timeout_ms: 200 })).toEqual({
      kind: "unclear",
      reason: "of the connector's command: it did not end within 200 ms",
    });
    expect(Date.now() - began).toBeLessThan(1500);
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(existsSync(join(dir, "late"))).toBe(false);
  });

  test("and ignores SIGTERM is killed", async () => {
    const dir = temporaryFolder();
    const script = `trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done`;
    expect((await submit(script, { dir, timeout_ms: 300 })).kind).toBe("unclear");
    const pid = Number(readFileSync(join(dir, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("and ends, leaves nothing that it started and that ignores SIGTERM", async () => {
    const dir = temporaryFolder();
    const script = `(trap '' TERM; exec sleep 20) >/dev/null 2>&1 & echo $! > pid; exec sleep 30`;
    expect((await submit(script, { dir, timeout_ms: 300 })).kind).toBe("unclear");
    const pid = Number(readFileSync(join(dir, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("and leaves its output open to a process that has left its group is not waited for beyond its time", async () => {
    const dir = temporaryFolder();
    const began = Date.now();
    const said = await submit(`setsid sleep 6 & echo '${ACCEPTED}'`, { dir, timeout_ms: 300 });
    expect(said.kind).toBe("unclear");
    expect(Date.now() - began).toBeLessThan(5000);
  });

  test("and writes without end is ended, and nothing that it wrote is kept", async () => {
    const began = Date.now();
    expect(await submit("yes")).toEqual({
      kind: "unclear",
      reason: "of the connector's command: it wrote more than 262144 bytes",
    });
    expect(Date.now() - began).toBeLessThan(5000);
  });

  test("and writes to standard error without end is not stopped by that", async () => {
    expect((await submit(`yes | head -c 1000000 >&2; echo '${ACCEPTED}'`)).kind).toBe("accepted");
  });

  test("and closes its input unread is believed all the same", async () => {
    const large = {
      ...order,
      draft: { ...order.draft, rationale: { summary: "x".repeat(300_000), research_ref: null } },
    };
    const said = await connectorOf(`exec 0<&-; sleep 0.2; echo '${ACCEPTED}'`).submit(large);
    expect(said.kind).toBe("accepted");
  });
});

describe("a command gets", () => {
  test("the order as one line on its input, and the key beside it in its environment", async () => {
    const dir = temporaryFolder();
    await connectorOf(`cat > got; printf '%s' "$QOC_ORDER_KEY" > key; echo '${ACCEPTED}'`, { dir }).submit(order);
    const got = readFileSync(join(dir, "got"), "utf8");
    expect(got.endsWith("}\n") && got.indexOf("\n") === got.length - 1).toBe(true);
    expect(JSON.parse(got)).toEqual({ schema: "qoc.submit/v1", ...order });
    expect(readFileSync(join(dir, "key"), "utf8")).toBe(order.key);
  });

  test("an environment of what is named and no more, and the desk as its folder", async () => {
    const dir = temporaryFolder();
    await submit(`env > env; pwd -P > pwd; echo '${ACCEPTED}'`, { dir, env: ["BROKER_TOKEN", "UNSET"] });
    const names = readFileSync(join(dir, "env"), "utf8")
      .split("\n")
      .map((line) => line.split("=", 1).join(""));
    // The shell itself sets the others.
    expect(new Set(names.filter((name) => !["", "PWD", "OLDPWD", "SHLVL", "_"].includes(name)))).toEqual(
      new Set(["BROKER_TOKEN", "PATH", "QOC_ORDER_KEY"]),
    );
    expect(existsSync(readFileSync(join(dir, "pwd"), "utf8").trim())).toBe(true);
  });

  test("its arguments as they are configured, and no word of the order among them", async () => {
    const dir = temporaryFolder();
    const path = join(dir, "broker");
    writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > args\necho '${ACCEPTED}'\n`);
    chmodSync(path, 0o700);
    await submit("", { dir, command: [path, "$(touch pwned)", "--live; rm"] });
    expect(readFileSync(join(dir, "args"), "utf8")).toBe("2\n$(touch pwned)\n--live; rm\n");
    expect(existsSync(join(dir, "pwned"))).toBe(false);
  });
});

describe("asked, a command connector", () => {
  test.each([
    ["filled", '{"kind":"filled","fills":[{"quantity":"10","price":"1"}],"reference":null}'],
    ["accepted", ACCEPTED],
    ["refused", '{"kind":"refused","reason":"no"}'],
    ["unclear", '{"kind":"unclear","reason":"no"}'],
    ["not_seen", '{"kind":"not_seen"}'],
    ["cannot_tell", '{"kind":"cannot_tell","reason":"closed"}'],
  ])("is believed when it says %s", async (_, said) => {
    expect(await ask(`echo '${said}'`)).toEqual(JSON.parse(said));
  });

  test("gets the key on its input and in its environment, and is no attempt at the order itself", async () => {
    const dir = temporaryFolder();
    await ask(`cat > got; env > env; echo '{"kind":"not_seen"}'`, { dir });
    const env = readFileSync(join(dir, "env"), "utf8");
    expect(env).toContain(`QOC_ASKED_KEY=${order.key}\n`);
    expect(env).not.toContain("QOC_ORDER_KEY");
    expect(JSON.parse(readFileSync(join(dir, "got"), "utf8"))).toEqual({ schema: "qoc.ask/v1", key: order.key });
  });

  test.each([
    ["exits otherwise", `echo '{"kind":"not_seen"}'; exit 1`],
    ["exits with 65", `echo '{"kind":"not_seen"}'; exit 65`],
    ["says nothing", "true"],
    ["is killed", `echo '{"kind":"not_seen"}'; kill -KILL $$`],
  ])("cannot tell when its command %s", async (_, script) => {
    expect((await ask(script)).kind).toBe("cannot_tell");
  });

  test("cannot tell when its command takes too long, is not there, or is not configured", async () => {
    expect((await ask("sleep 5", { timeout_ms: 100 })).kind).toBe("cannot_tell");
    const gone = connectorOf("", { ask: ["/nowhere/ask"] });
    expect((await gone.ask(order.key)).kind).toBe("cannot_tell");
    expect(await connectorOf("").ask(order.key)).toEqual({
      kind: "cannot_tell",
      reason: "broker has no command that answers",
    });
  });

  // Only Linux tells the environment of a process.
  test.skipIf(!existsSync("/proc/self/environ"))(
    "cannot tell while an earlier attempt still runs, and can when it has ended",
    async () => {
      const dir = temporaryFolder();
      const connector = connectorOf("echo $$ > pid; sleep 1.5", {
        dir,
        ask: ["/bin/sh", "-c", `echo '{"kind":"not_seen"}'`],
      });
      const running = connector.submit(order);
      await expect.poll(() => existsSync(join(dir, "pid")), { timeout: 5000 }).toBe(true);
      expect(await connector.ask(order.key)).toMatchObject({
        kind: "cannot_tell",
        reason: expect.stringContaining("an earlier attempt still runs"),
      });
      expect(await connector.ask(orderToSend(0).key)).toEqual({ kind: "not_seen" });
      await running;
      expect(await connector.ask(order.key)).toEqual({ kind: "not_seen" });
    },
  );
});

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
