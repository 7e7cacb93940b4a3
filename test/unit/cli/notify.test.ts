import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Webhook } from "standardwebhooks";
import { cliWorld, NOW, type World } from "./cli-world.ts";

const WHSEC = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let world: World;
const closers: (() => void)[] = [];
beforeEach(() => {
  world = cliWorld();
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await world.close();
});

type Heard = { readonly headers: Record<string, string>; readonly body: string };
async function receiver(status: number, answer: string) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      heard.push({ headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end(answer);
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { heard, port: typeof address === "object" && address !== null ? address.port : 0 };
}

function configure(url: string, allowPrivate: boolean): void {
  world.write(
    "desk.toml",
    `name = "equity-desk"

[[notify]]
name = "ops"
url = ${JSON.stringify(url)}
secret = "env:NOTIFY_SECRET_OPS"
events = ["run.stuck"]
allow_private = ${allowPrivate}
`,
  );
  world.write(".env.qoc", `NOTIFY_SECRET_OPS=${WHSEC}\n`, 0o600);
}

describe("qoc notify test", () => {
  test("sends one signed message, and prints what comes back", async () => {
    const { heard, port } = await receiver(202, "thanks\u001b[2J\n");
    configure(`http://127.0.0.1:${port}/hook?key=c4n4ry`, true);
    const { exit, stdout, stderr } = await world.qoc("notify test ops");
    expect([exit, stdout, stderr]).toEqual([0, "ops: taken, it answers 202\n  thanks\\u001b[2J\n", ""]);
    expect(heard.length).toBe(1);
    const [{ headers, body } = { headers: {}, body: "" }] = heard;
    expect(headers["webhook-id"]).toBe(`test/${"09".repeat(16)}`);
    expect(JSON.parse(body)).toEqual({
      type: "test",
      timestamp: new Date(NOW).toISOString(),
      data: { workspace: "equity-desk" },
    });
    const signature = new Webhook(WHSEC).sign(headers["webhook-id"] ?? "", new Date(NOW), body);
    expect(headers["webhook-signature"]).toBe(signature);
  });

  test("that is refused exits with 1 and says how", async () => {
    const { port } = await receiver(401, "who are you");
    configure(`http://127.0.0.1:${port}/`, true);
    const { exit, json } = await world.qoc("notify test ops --json");
    expect(exit).toBe(1);
    expect(json()).toMatchObject({
      schema: "qoc.notify.test/1",
      name: "ops",
      ok: false,
      status: 401,
      says: "it answers 401",
      answer: "who are you",
    });
  });

  test("calls no address that is not public, unless it may", async () => {
    configure("https://127.0.0.1/?key=c4n4ry", false);
    const { exit, stdout, stderr } = await world.qoc("notify test ops");
    expect(exit).toBe(1);
    expect(stdout).toBe(
      "ops: not taken, its host has an address that is not public, which takes allow_private = true\n",
    );
    expect(stderr).toBe("");
  });

  test("of a target that is not there is 66 with those that are", async () => {
    configure("https://example.com/", false);
    const { exit, stderr } = await world.qoc("notify test nobody");
    expect(exit).toBe(66);
    expect(stderr).toContain("equity-desk has ops.");
  });
});

describe("qoc notify list", () => {
  test("shows each target without what is secret of it", async () => {
    configure("https://hooks.example.com/services/c4n4ry?key=c4n4ry", false);
    const { exit, stdout, stderr } = await world.qoc("notify list");
    expect([exit, stderr]).toEqual([0, ""]);
    expect(stdout).toBe("ops  env:NOTIFY_SECRET_OPS (set)  public addresses  run.stuck  https://hooks.example.com/…\n");
    const { json } = await world.qoc("notify list --json");
    expect(JSON.stringify(json())).not.toContain("c4n4ry");
  });

  test("says that there is none", async () => {
    world.write("desk.toml", 'name = "equity-desk"\n');
    const { exit, stdout, stderr } = await world.qoc("notify list");
    expect([exit, stdout.trim()]).toEqual([0, ""]);
    expect(stderr).toContain("Nobody is told");
  });
});
