import { createConnection } from "node:net";
import { appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readVkey, signerOf } from "../../../src/evidence/log/note.ts";
import { addWitnessLog, initWitness, openWitness } from "../../../src/witness/folder.ts";
import { serveWitness } from "../../../src/witness/serve.ts";
import { buildWitnessApp } from "../../../src/witness/server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { historyOf, logSigner, verifierOf } from "./witness-support.ts";
import { keyOf } from "../evidence/log/note-vectors.ts";

const history = historyOf("honest", 20, 20);
const log = verifierOf(logSigner.vkey);
const anywhere = { host: "127.0.0.1", port: 0 };

async function aWitness(): Promise<string> {
  const folder = path.join(temporaryFolder(), "w");
  await initWitness(folder, "witness.example/w1");
  return folder;
}
const post = (url: string, body: Uint8Array, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/add-checkpoint`, { method: "POST", body: Buffer.from(body), ...init });

describe("the folder of a witness", () => {
  test("has a private key that nobody else may read, and a vkey of a witness's type", async () => {
    const folder = await aWitness();
    expect(statSync(path.join(folder, "witness.key")).mode & 0o777).toBe(0o600);
    const vkey = readFileSync(path.join(folder, "witness.vkey"), "utf8").trim();
    expect([readVkey(vkey)?.name, Buffer.from(vkey.split("+").slice(2).join("+"), "base64")[0]]).toEqual([
      "witness.example/w1",
      4,
    ]);
  });

  test("is not made twice, and a key without its vkey is taken up", async () => {
    const folder = await aWitness();
    await expect(initWitness(folder, "other")).rejects.toThrow("has a witness already");
    const { vkey } = openedAndReleased(folder);
    rmSync(path.join(folder, "witness.vkey"));
    expect(await initWitness(folder, "witness.example/w1")).toEqual({ vkey });
  });

  test("is refused when the key is open to others, missing, or of another vkey", async () => {
    const folder = await aWitness();
    const key = path.join(folder, "witness.key");
    chmodSync(key, 0o640);
    expect(() => openWitness(folder)).toThrow("can be read by others");
    chmodSync(key, 0o600);
    writeFileSync(key, keyOf(40).export({ type: "pkcs8", format: "pem" }));
    expect(() => openWitness(folder)).toThrow("not the public half");
    rmSync(key);
    expect(() => openWitness(folder)).toThrow("does not exist");
  });

  test("takes a log once, its second key as another line, and one memory for both", async () => {
    const folder = await aWitness();
    expect(await addWitnessLog(folder, log)).toEqual({ added: true });
    expect(await addWitnessLog(folder, log)).toEqual({ added: false });
    expect(await addWitnessLog(folder, verifierOf(signerOf(log.name, keyOf(41)).vkey))).toEqual({ added: true });
    expect(readdirSync(path.join(folder, "cosigned"))).toHaveLength(1);
    expect(openedAndReleased(folder).logs).toHaveLength(2);
  });

  test("refuses to add a key to a log whose memory is gone", async () => {
    const folder = await aWitness();
    await addWitnessLog(folder, log);
    rmSync(path.join(folder, "cosigned"), { recursive: true });
    await expect(addWitnessLog(folder, verifierOf(signerOf(log.name, keyOf(41)).vkey))).rejects.toThrow("is missing");
    expect(() => openWitness(folder)).toThrow("is missing");
  });

  test.each(["nonsense", "name+00000000+AAAA"])("is refused with a list that has the line %s", async (line) => {
    const folder = await aWitness();
    writeFileSync(path.join(folder, "logs"), `${line}\n`);
    expect(() => openWitness(folder)).toThrow("line 1");
  });
});

function openedAndReleased(folder: string): ReturnType<typeof openWitness> {
  const opened = openWitness(folder);
  opened.release();
  return opened;
}

describe("the door of a witness", () => {
  test("answers what the protocol says, of any content type, and stops in order", async () => {
    const folder = await aWitness();
    await addWitnessLog(folder, log);
    const server = await serveWitness(folder, anywhere, () => undefined);
    expect((await post(server.url, history.request(0, 3))).status).toBe(200);
    const json = { headers: { "content-type": "application/json" } };
    const conflict = await post(server.url, history.request(0, 5), json);
    expect([conflict.status, conflict.headers.get("content-type"), await conflict.text()]).toEqual([
      409,
      "text/x.tlog.size",
      "3\n",
    ]);
    const bare = await post(server.url, history.request(3, 5), { headers: { "content-type": "" } });
    expect(bare.status).toBe(200);
    await server.close();
    openedAndReleased(folder);
  });

  test("takes up a log that was added while it serves, when it is told to look, and keeps its list when that is broken", async () => {
    const folder = await aWitness();
    const server = await serveWitness(folder, anywhere, () => undefined);
    expect((await post(server.url, history.request(0, 3))).status).toBe(404);
    await addWitnessLog(folder, log);
    server.reload();
    expect((await post(server.url, history.request(0, 3))).status).toBe(200);
    appendFileSync(path.join(folder, "logs"), "nonsense\n");
    expect(() => server.reload()).toThrow("line 2");
    expect((await post(server.url, history.request(3, 4))).status).toBe(200);
    await server.close();
  });

  test("has no other route and no other method", async () => {
    const app = buildWitnessApp(() => Promise.resolve({ status: 200, type: "text/plain; charset=utf-8", body: "" }));
    for (const [method, url] of [
      ["GET", "/add-checkpoint"],
      ["POST", "/"],
      ["PUT", "/add-checkpoint"],
      ["GET", "/../witness.key"],
      ["POST", "/add-checkpoint/x"],
    ] as const)
      expect((await app.inject({ method, url })).statusCode).toBe(404);
  });

  test("reads no body beyond its bound, announced or not", async () => {
    let bodies = 0;
    const app = buildWitnessApp(() => {
      bodies += 1;
      return Promise.resolve({ status: 200, type: "text/plain; charset=utf-8", body: "" });
    });
    const large = Buffer.alloc(300_000, 10);
    expect((await app.inject({ method: "POST", url: "/add-checkpoint", payload: large })).statusCode).toBe(413);
    await app.listen({ host: "127.0.0.1", port: 0 });
    const address = app.server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const chunked = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 40; n += 1) controller.enqueue(new Uint8Array(16_384));
        controller.close();
      },
    });
    const status = await fetch(`http://127.0.0.1:${port}/add-checkpoint`, {
      method: "POST",
      body: chunked,
      duplex: "half",
    }).then(
      (response) => response.status,
      () => 413,
    );
    expect([status, bodies]).toEqual([413, 0]);
    await app.close();
  });

  test("cuts a connection whose headers do not come", async () => {
    const folder = await aWitness();
    const server = await serveWitness(folder, anywhere, () => undefined);
    const begun = Date.now();
    const said = await new Promise<string>((resolve) => {
      const socket = createConnection(Number(new URL(server.url).port), "127.0.0.1");
      let text = "";
      socket.write("POST /add-checkpoint HTTP/1.1\r\nhost: x\r\n");
      socket.on("data", (bytes) => (text += bytes.toString()));
      socket.on("close", () => resolve(text));
    });
    expect([said.includes("408"), Date.now() - begun < 9_000]).toEqual([true, true]);
    await server.close();
  });
});
