/** A witness is a stranger's server: whatever it answers, the desk believes a cosignature that verifies and nothing else. */
import { createServer, type RequestListener } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { askWitness, type WitnessReply } from "../../../src/adapters/witness-client.ts";
import { cosignerOf, signNote } from "../../../src/evidence/log/note.ts";
import { logMemoryDisk } from "./log-memory-disk.ts";
import { keyOf } from "../evidence/log/note-vectors.ts";
import {
  historyOf,
  LOG,
  logSigner,
  WITNESS,
  witnessKey,
  witnessOn,
  witnessVerifier,
} from "../witness/witness-support.ts";

const history = historyOf("honest", 40, 40);
const request = { old: 5, proof: history.proof(5, 9), note: history.note(9) };
const lineOf = (size: number, cosigner = cosignerOf(WITNESS, witnessKey, 7)): string => {
  const text = `${history.note(size).split("\n\n")[0] ?? ""}\n`;
  return signNote(text, [cosigner]).slice(text.length + 1);
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
  vi.restoreAllMocks();
});

async function at(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}
async function asked(listener: RequestListener, signal = new AbortController().signal): Promise<WitnessReply> {
  return askWitness({ url: await at(listener), verifier: witnessVerifier }, request, signal);
}
const answering =
  (status: number, body: string | Uint8Array, type = "text/plain"): RequestListener =>
  (incoming, response) => {
    incoming.resume();
    response.writeHead(status, { "content-type": type }).end(body);
  };

test("understands a witness of ours, from the first question to the cosignature", async () => {
  const witness = witnessOn(logMemoryDisk());
  await witness.memory.begin(LOG);
  await witness.ask(history.request(0, 7));
  const url = await at((incoming, response) => {
    void (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
      const { status, type, body } = await witness.ask(Buffer.concat(chunks));
      response
        .writeHead(incoming.url === "/w1/add-checkpoint" && incoming.method === "POST" ? status : 404, {
          "content-type": type,
        })
        .end(body);
    })();
  });
  const place = { url: `${url}/w1/`, verifier: witnessVerifier };
  const { signal } = new AbortController();
  expect(await askWitness(place, request, signal)).toEqual({ kind: "elsewhere", size: 7 });
  expect(await askWitness(place, { ...request, old: 7, proof: history.proof(7, 9) }, signal)).toMatchObject({
    kind: "cosigned",
  });
});

describe("an answer", () => {
  test("is believed by its cosignature alone, among lines of other keys", async () => {
    const stranger = lineOf(9, cosignerOf("stranger.example", keyOf(23), 7));
    const namesake = lineOf(9, cosignerOf(WITNESS, keyOf(23), 7));
    expect(await asked(answering(200, `${stranger}${namesake}${lineOf(9)}nonsense\n`))).toEqual({
      kind: "cosigned",
      line: lineOf(9),
    });
  });

  test.each([
    ["nothing", ""],
    ["a page", "<!doctype html>"],
    ["a cosignature over another size", lineOf(8)],
    ["a cosignature by another key of the name", lineOf(9, cosignerOf(WITNESS, keyOf(23), 7))],
    ["a signature of the log", signNote(`${history.note(9).split("\n\n")[0] ?? ""}\n`, [logSigner])],
    ["a cosignature that is cut off", lineOf(9).slice(0, -5)],
    ["a cosignature with a blank behind it", lineOf(9).replace("\n", " \n")],
    ["a cosignature in lenient base64", lineOf(9).replace(/=*\n$/, "\n")],
  ])("of 200 with %s is a failure", async (_, body) => {
    expect(await asked(answering(200, body))).toEqual({
      kind: "failed",
      reason: "its answer holds no cosignature by its key",
    });
  });

  test.each<readonly [string, RequestListener, WitnessReply]>([
    ["a size", answering(409, "7\n", "text/x.tlog.size"), { kind: "elsewhere", size: 7 }],
    [
      "a size, with a parameter behind the type",
      answering(409, "7\n", "Text/X.Tlog.Size; charset=utf-8"),
      { kind: "elsewhere", size: 7 },
    ],
    ["a size beyond ours", answering(409, "700\n", "text/x.tlog.size"), { kind: "elsewhere", size: 700 }],
    ["the size that was asked from", answering(409, "5\n", "text/x.tlog.size"), { kind: "contradicts" }],
    ["no size", answering(409, "another root"), { kind: "contradicts" }],
    ["a size with a sign", answering(409, "-7\n", "text/x.tlog.size"), { kind: "contradicts" }],
    ["a size without its end", answering(409, "7", "text/x.tlog.size"), { kind: "contradicts" }],
  ])("of 409 with %s", async (_, listener, reply) => {
    expect(await asked(listener)).toEqual(reply);
  });

  test("of 422 says that it has another tree", async () => {
    expect(await asked(answering(422, "no"))).toEqual({ kind: "contradicts" });
  });

  test.each([400, 403, 404, 429, 500, 503, 204])("of %i is a failure that is named", async (status) => {
    expect(await asked(answering(status, ""))).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining(String(status)),
    });
  });

  test("that leads elsewhere is not followed", async () => {
    let followed = 0;
    const elsewhere = await at((incoming, response) => {
      followed += 1;
      answering(200, lineOf(9))(incoming, response);
    });
    const redirecting: RequestListener = (incoming, response) => {
      incoming.resume();
      response.writeHead(307, { location: elsewhere }).end();
    };
    expect([await asked(redirecting), followed]).toEqual([{ kind: "failed", reason: "it answers 307" }, 0]);
  });

  test("without end is not read to its end", async () => {
    let sent = 0;
    const endless: RequestListener = (incoming, response) => {
      incoming.resume();
      const more = (): void => {
        sent += 1;
        if (!response.destroyed && response.write("x".repeat(16_384))) setImmediate(more);
        else response.once("drain", more);
      };
      more();
    };
    expect(await asked(endless)).toEqual({ kind: "failed", reason: "its answer is too long" });
    await pause(50);
    expect(sent).toBeLessThan(1_000);
  });

  test("quotes nothing of the stranger's in its reason", async () => {
    const reply = await asked(answering(500, "\u001b[2J secret"));
    expect(JSON.stringify(reply)).not.toMatch(/secret|u001b/);
  });
});

describe("a witness that does not answer", () => {
  test("is given up when the desk stops", async () => {
    const stopping = new AbortController();
    const begun = Date.now();
    const reply = asked((incoming) => void incoming.resume(), stopping.signal);
    setTimeout(() => stopping.abort(), 50);
    expect((await reply).kind).toBe("failed");
    expect(Date.now() - begun).toBeLessThan(2_000);
  });

  test("is not asked once the desk has stopped", async () => {
    let requests = 0;
    const stopped = AbortSignal.abort();
    expect((await asked(() => void (requests += 1), stopped)).kind).toBe("failed");
    expect(requests).toBe(0);
  });

  test("is given up after five seconds, also when it drips", async () => {
    const begun = Date.now();
    const dripping: RequestListener = (incoming, response) => {
      incoming.resume();
      response.writeHead(200, { "content-type": "text/plain" });
      const drip = setInterval(() => response.write("x"), 200);
      response.on("close", () => clearInterval(drip));
    };
    expect(await asked(dripping)).toMatchObject({ kind: "failed", reason: expect.stringContaining("5000 ms") });
    expect(Date.now() - begun).toBeLessThan(7_000);
  });

  test("is a failure where nothing listens", async () => {
    const url = await at(() => undefined);
    for (const close of closers.splice(0)) close();
    const reply = await askWitness({ url, verifier: witnessVerifier }, request, new AbortController().signal);
    expect(reply).toMatchObject({ kind: "failed", reason: expect.stringMatching(/ECONN/) });
  });

  test("is a failure that is named where a host has several addresses and none of them listens", async () => {
    const each = ["::1", "127.0.0.1"].map((host) => new Error(`connect ECONNREFUSED ${host}:7440`));
    const fails = new TypeError("fetch failed", { cause: new AggregateError(each) });
    vi.spyOn(globalThis, "fetch").mockRejectedValue(fails);
    const place = { url: "http://localhost:7440", verifier: witnessVerifier };
    expect(await askWitness(place, request, new AbortController().signal)).toEqual({
      kind: "failed",
      reason: "connect ECONNREFUSED ::1:7440, connect ECONNREFUSED 127.0.0.1:7440",
    });
  });
});
