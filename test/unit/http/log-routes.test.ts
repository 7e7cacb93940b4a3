/** The log as a stranger reads it over HTTP: a client of its own, that fetches what https://c2sp.org/tlog-tiles names and nothing else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { nodeLogDisk } from "../../../src/adapters/log-disk.ts";
import { openLog } from "../../../src/adapters/log-files.ts";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { readProof } from "../../../src/evidence/log/proof.ts";
import { decodeEntries, entriesPath, readerOverTiles, tilePath } from "../../../src/evidence/log/tiles.ts";
import { inclusionProof, leafHash, rootOf, verifyInclusion } from "../../../src/evidence/log/tree.ts";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { buildConsoleApp, consoleHosts } from "../../../src/http/console-app.ts";
import { logFileAsked } from "../../../src/http/log-files.ts";
import { addLogRoutes } from "../../../src/http/log-routes.ts";
import { checkpointOf, ORIGIN, sealOf, seals, signer } from "../adapters/log-support.ts";
import { aTarget } from "./desk-with-runs.ts";

const SIZE = 300;
const dir = mkdtempSync(path.join(tmpdir(), "qoc-log-http-"));
const folder = path.join(dir, ".qoc", "evidence", "log");
const given = aTarget([]);
const target = { ...given, desks: () => given.desks().map((desk) => ({ ...desk, dir })) };
let app: FastifyInstance;
let prefix = "";
let receipt: string | undefined;

beforeAll(async () => {
  mkdirSync(path.join(dir, ".qoc"));
  const log = await openLog({ dir: folder, origin: ORIGIN, signer, clock: systemClock, disk: nodeLogDisk });
  await log.append(seals(0, 200));
  await log.append(seals(200, SIZE - 200));
  receipt = log.proofOf(sealOf(7));
  await log.close();
  let hosts: readonly string[] = [];
  app = buildConsoleApp({
    hosts: () => hosts,
    tokens: { accepts: () => false, isLive: () => false },
    files: new Map(),
    addRoutes: (to) => addLogRoutes(to, target),
    complain: (_says, reason) => {
      throw reason;
    },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  hosts = consoleHosts("127.0.0.1", port);
  prefix = `http://127.0.0.1:${port}/log/equity-desk`;
});
afterAll(async () => {
  await app.close();
  rmSync(dir, { recursive: true });
});

async function fetched(file: string): Promise<Uint8Array> {
  const answer = await fetch(`${prefix}/${file}`);
  if (answer.status !== 200) throw new Error(`${file}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** All tiles of level 0 and up that a tree of this size has, by their path. */
async function tilesOf(size: number): Promise<ReadonlyMap<string, Uint8Array>> {
  const tiles = new Map<string, Uint8Array>();
  for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / 256)) {
    for (let index = 0; index * 256 < count; index += 1) {
      const file = tilePath(level, index, Math.min(256, count - index * 256));
      tiles.set(file, await fetched(file));
    }
  }
  return tiles;
}

describe("a client that has nothing but the prefix and the key", () => {
  test("rebuilds the signed root from the tiles, and each entry is what its tile says", async () => {
    const { size, root } = checkpointOf(await fetched("checkpoint"));
    expect(size).toBe(SIZE);
    const tiles = await tilesOf(size);
    const read = readerOverTiles(size, (...tile) => tiles.get(tilePath(...tile)) ?? new Uint8Array());
    expect(Buffer.from(rootOf(size, read)).equals(root)).toBe(true);
    const bundles = [await fetched(entriesPath(0, 256)), await fetched(entriesPath(1, SIZE - 256))];
    const entries = bundles.flatMap((bytes, at) => decodeEntries(bytes, at === 0 ? 256 : SIZE - 256) ?? []);
    expect(entries).toHaveLength(SIZE);
    for (const [index, entry] of entries.entries())
      expect(Buffer.from(leafHash(entry)).equals(read(0, index))).toBe(true);
  });

  test("verifies a receipt, and makes the same one by itself", async () => {
    const { size, root } = checkpointOf(await fetched("checkpoint"));
    const tiles = await tilesOf(size);
    const read = readerOverTiles(size, (...tile) => tiles.get(tilePath(...tile)) ?? new Uint8Array());
    const proof = readProof(receipt ?? "");
    expect(proof?.hashes.map((hash) => Buffer.from(hash).toString("hex"))).toEqual(
      inclusionProof(7, size, read).map((hash) => Buffer.from(hash).toString("hex")),
    );
    const leaf = leafHash(leafBytes({ kind: "seal", seal: sealOf(7) }));
    expect(verifyInclusion(leaf, 7, size, proof?.hashes ?? [], root)).toBe(true);
  });
});

describe("the files of a log", () => {
  test("are tiles that are kept for ever, and a checkpoint that is asked for anew", async () => {
    const headers = async (file: string) => {
      const { headers: got } = await fetch(`${prefix}/${file}`);
      return [got.get("content-type"), got.get("cache-control")];
    };
    const forever = ["application/octet-stream", "public, max-age=31536000, immutable"];
    expect(await headers("checkpoint")).toEqual(["text/plain; charset=utf-8", "no-cache"]);
    expect(await headers("tile/0/000")).toEqual(forever);
    expect(await headers("tile/entries/001.p/44")).toEqual(forever);
  });

  test("show what witnesses signed, once there is such a note", async () => {
    expect((await fetch(`${prefix}/witnessed`)).status).toBe(404);
    writeFileSync(path.join(folder, "witnessed"), "a note\n");
    expect(await (await fetch(`${prefix}/witnessed`)).text()).toBe("a note\n");
  });

  test("of a finished log lie under its number", async () => {
    mkdirSync(path.join(dir, ".qoc", "evidence", "logs", "1"), { recursive: true });
    writeFileSync(path.join(dir, ".qoc", "evidence", "logs", "1", "checkpoint"), "an old one\n");
    expect(await (await fetch(`${prefix}/1/checkpoint`)).text()).toBe("an old one\n");
    expect((await fetch(`${prefix}/2/checkpoint`)).status).toBe(404);
  });

  test("that are not there, such as a partial tile that was pruned, are a problem with its code", async () => {
    const answer = await fetch(`${prefix}/tile/0/000.p/200`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      404,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(await answer.json()).toMatchObject({ code: "ROUTE_UNKNOWN" });
  });

  test("are read and never written", async () => {
    for (const [method, status] of [
      ["POST", 401],
      ["PUT", 405],
      ["DELETE", 405],
    ] as const)
      expect((await fetch(`${prefix}/checkpoint`, { method })).status).toBe(status);
  });

  test("are shown to a known Host alone on the console, and on the control API too", async () => {
    const url = "/log/equity-desk/checkpoint";
    expect((await app.inject({ url, headers: { host: "evil.example" } })).statusCode).toBe(421);
    const api = buildApiApp({
      target,
      clock: { now: () => 0 },
      entropy: { bytes: (count) => new Uint8Array(count) },
      complain: (_says, reason) => {
        throw reason;
      },
    });
    expect((await api.inject({ url })).rawPayload.equals(Buffer.from(await fetched("checkpoint")))).toBe(true);
    expect((await api.inject({ url: "/log/other-desk/checkpoint" })).statusCode).toBe(404);
    await api.close();
  });
});

describe("a path", () => {
  test.each([
    ["/log/desk/checkpoint", "log/checkpoint"],
    ["/log/desk/witnessed", "log/witnessed"],
    ["/log/desk/12/checkpoint", "logs/12/checkpoint"],
    ["/log/desk/tile/0/000", "log/tile/0/000"],
    ["/log/desk/tile/63/x001/x234/067", "log/tile/63/x001/x234/067"],
    ["/log/desk/tile/entries/x001/234.p/255", "log/tile/entries/x001/234.p/255"],
  ])("%s is %s", (url, file) => {
    expect(logFileAsked(url)?.file).toBe(path.join(".qoc", "evidence", file));
  });

  test.each([
    "/log/desk",
    "/log/desk/",
    "/log/desk/signed",
    "/log/desk/checkpoint/",
    "/log/desk/checkpoint?x",
    "/log/desk//checkpoint",
    "/log/Desk/checkpoint",
    "/log/../checkpoint",
    "/log/desk/../../keys/evidence.key",
    "/log/desk/%2e%2e/checkpoint",
    "/log/desk/0/checkpoint",
    "/log/desk/01/checkpoint",
    "/log/desk/tile/00/000",
    "/log/desk/tile/64/000",
    "/log/desk/tile/0/0",
    "/log/desk/tile/0/0000",
    "/log/desk/tile/0/x000",
    "/log/desk/tile/0/001/234",
    "/log/desk/tile/0/000.p/0",
    "/log/desk/tile/0/000.p/256",
    "/log/desk/tile/0/000.p/01",
    "/log/desk/tile/0/000.p",
    "/log/desk/tile/0/000\n",
    "/log/desk/tile/0/x001/x001/x001/x001/x001/x001/000",
  ])("%j is none", (url) => {
    expect(logFileAsked(url)).toBeUndefined();
  });
});
