import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { type IncomingHttpHeaders, type Server, createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRun, runNumber } from "../http/desk-with-runs.ts";
import { NOW, SECRET, type World, cliWorld } from "./cli-world.ts";

type Received = { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer };
let world: World;
let ingress: Server;
let received: Received[];
let base: string;
let flagged: string | null;

const signatureOf = (body: Buffer, secret = SECRET): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

/** An ingress that checks the signature, and takes the same body twice as a duplicate. */
beforeEach(async () => {
  world = cliWorld();
  received = [];
  flagged = null;
  ingress = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const duplicate = received.some((each) => each.body.equals(body));
      received.push({ url: request.url ?? "", headers: request.headers, body });
      const holds = request.headers["x-qoc-signature"] === signatureOf(body);
      const flag = flagged === null ? {} : { flag: flagged };
      response.statusCode = holds ? 202 : 401;
      response.end(
        JSON.stringify(
          holds
            ? { run: runNumber(1), delivery_id: "d-1", duplicate: duplicate && flagged === null, ...flag }
            : { code: "SIGNATURE_INVALID", title: "no" },
        ),
      );
    });
  });
  await new Promise<void>((listening) => ingress.listen(0, "127.0.0.1", listening));
  const address = ingress.address();
  base = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
});
afterEach(async () => {
  ingress.closeAllConnections();
  await new Promise((closed) => ingress.close(closed));
  await world.close();
});

const sealed = aRun({
  rows: [
    { event: "RECORDED", to: "executing.performing" },
    { event: "SEALED", to: "sealed" },
  ],
});
const sentBody = (): string => String(received[0]?.body);

describe("qoc send", () => {
  beforeEach(() => world.daemon([sealed], {}, base));

  test("signs a new sample and posts it to the webhook's URL", async () => {
    const { exit, stdout } = await world.qoc("send price-alert");
    expect([exit, received[0]?.url]).toEqual([0, "/webhook/equity-desk/price-alert"]);
    expect(stdout).toBe(`202 accepted: run ${runNumber(1)}, delivery d-1\n`);
    expect(sentBody()).toContain('"trigger_price":420.00');
    expect(sentBody()).toContain(new Date(NOW).toISOString());
  });

  test.each([
    [`-d '{"n":1.50}'`, '{"n":1.50}'],
    ["-d @payload.json", '{"from":"a file"}\n'],
    ["-d -", '{"from":"stdin"}'],
  ])("sends %s byte for byte", async (flags, expected) => {
    world.write("payload.json", '{"from":"a file"}\n');
    await world.qoc(`send price-alert ${flags}`, { stdin: '{"from":"stdin"}' });
    expect(sentBody()).toBe(expected);
  });

  test("names the delivery and the event when told to", async () => {
    await world.qoc("send price-alert --delivery-id d-77 --event moon --fixture price-alert");
    expect([received[0]?.headers["x-qoc-delivery"], JSON.parse(sentBody()).event]).toEqual(["d-77", "moon"]);
  });

  test("repeats the same bytes, and says which were duplicates", async () => {
    const { json } = await world.qoc("send price-alert --repeat 3 --json");
    expect(json()).toMatchObject({
      schema: "qoc.send.list/1",
      items: [{ duplicate: false }, { duplicate: true }, { duplicate: true }],
    });
  });

  test.each([
    ["id_conflict", "202 accepted (a conflict)"],
    ["suspected_replay", "202 accepted (a suspected replay)"],
  ])("shows that its delivery is a %s, which the answer says", async (flag, says) => {
    flagged = flag;
    const { exit, stdout } = await world.qoc("send price-alert");
    expect([exit, stdout]).toEqual([0, `${says}: run ${runNumber(1)}, delivery d-1\n`]);
    expect((await world.qoc("send price-alert --json")).json()).toMatchObject({ items: [{ flag }] });
  });

  test("has no flag to show of what is new or a plain duplicate", async () => {
    const { json } = await world.qoc("send price-alert --repeat 2 --json");
    expect(json()).toMatchObject({ items: [{ flag: null }, { flag: null }] });
  });

  test.each(["body", "signature", "timestamp"])(
    "a delivery with its %s tampered with is refused, and the answer is no",
    async (what) => {
      const { exit, stdout } = await world.qoc(`send price-alert --tamper ${what}`);
      expect(exit).toBe(1);
      expect(stdout).toBe("401 SIGNATURE_INVALID: no (as it must be: the delivery was spoiled)\n");
    },
  );

  test("--wait says that accepted is not done, shows the states, and what to do next", async () => {
    const { exit, stdout, stderr } = await world.qoc("send price-alert --wait");
    expect(exit).toBe(0);
    expect(stderr).toContain("Accepted is not done");
    expect(stdout.trimEnd().split("\n")).toHaveLength(4);
    expect(stderr).toContain("Next: qoc why");
  });

  test.each([
    ["executing", 0],
    ["sealed", 0],
    ["stuck", 1],
  ])("--wait=%s ends with %i", async (state, exit) => {
    expect((await world.qoc(`send price-alert --wait=${state}`)).exit).toBe(exit);
  });

  test.each([
    "-d x --fixture price-alert",
    "-d x --event y",
    "--fixture nonsense",
    "--tamper everything",
    "--repeat 0",
  ])("%s is wrong usage and sends nothing", async (flags) => {
    const { exit } = await world.qoc(`send price-alert ${flags}`);
    expect([exit, received]).toEqual([64, []]);
  });

  test("a secret that is not set sends nothing", async () => {
    world.write(".env.qoc", "", 0o600);
    const { exit } = await world.qoc("send price-alert");
    expect([exit, received]).toEqual([78, []]);
  });
});

describe("qoc send --print-curl and qoc endpoints curl", () => {
  beforeEach(() => world.daemon([], {}, base));

  test.each(["send price-alert --print-curl", "endpoints curl price-alert"])(
    "%s prints lines that work as they stand",
    async (command) => {
      const { stdout } = await world.qoc(command);
      // The ingress runs in this process: the shell only makes the request, so its curl prints what it would send.
      const shell = stdout.replace("curl -sS -X POST", 'curl() { printf "%s\\n" "$@"; }\ncurl');
      const sent = execFileSync("sh", ["-c", shell], { cwd: world.dir, encoding: "utf8" }).split("\n");
      const body = sent[sent.indexOf("--data-raw") + 1] ?? "";
      expect(sent[0]).toBe(`${base}/webhook/equity-desk/price-alert`);
      expect(sent).toContain(`X-Qoc-Signature: ${signatureOf(Buffer.from(body))}`);
    },
  );

  test("never print the secret", async () => {
    const { stdout, stderr } = await world.qoc("send price-alert --print-curl");
    expect(stdout + stderr).not.toContain(SECRET);
    expect(received).toEqual([]);
  });

  test("a body with a quote survives the shell", async () => {
    world.write("payload.json", `{"it's":"$HOME"}`);
    const { stdout } = await world.qoc("send price-alert --print-curl -d @payload.json");
    const shell = stdout
      .split("\n")
      .filter((line) => line.startsWith("BODY="))
      .join("\n");
    expect(execFileSync("sh", ["-c", `${shell}\nprintf %s "$BODY"`], { encoding: "utf8" })).toBe(`{"it's":"$HOME"}`);
  });
});

test("a daemon whose ingress is gone is unreachable", async () => {
  await world.daemon([], {}, "http://127.0.0.1:1");
  const { exit, stderr } = await world.qoc("send price-alert");
  expect([exit, stderr]).toEqual([69, expect.stringContaining("INGRESS_UNREACHABLE")]);
});
