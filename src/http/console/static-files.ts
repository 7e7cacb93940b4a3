/**
 * The built console. Its files are read once, at start, into a table by their address: no address that is asked for ever becomes a path, so
 * there is nothing to climb out of. They hold nothing secret.
 */
import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

type StaticFile = { readonly bytes: Buffer; readonly type: string; readonly etag: string };
/** By address: `/console.js`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Addresses that the page makes a view of: all of them are `index.html`. */
const VIEWS: readonly string[] = ["/", "/runs", "/runs/:id", "/inbox", "/endpoints", "/envelopes", "/health"];
const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".ico", "image/x-icon"],
  [".json", "application/json"],
]);
/** A segment that begins with a dot is none. */
const ADDRESS = /^(?:\/[A-Za-z0-9_][A-Za-z0-9._-]{0,79}){1,3}$/;
const FILES_MAX = 64;
const FILE_BYTES_MAX = 2 * 1024 * 1024;
const NOT_BUILT =
  "The console's page is not built. The package has it; in the sources, npm run build makes it. The API answers.\n";

/** Empty when there is no such folder, as when qoc runs from its sources. @throws when it holds more, or larger ones, than a console has */
export function readStaticFiles(folder: string): StaticFiles {
  const found = entriesIn(folder).flatMap((entry): readonly (readonly [string, StaticFile])[] => {
    const file = path.join(entry.parentPath, entry.name);
    const address = `/${path.relative(folder, file).split(path.sep).join("/")}`;
    const type = TYPES.get(path.extname(entry.name));
    if (!entry.isFile() || type === undefined || !ADDRESS.test(address)) return [];
    const bytes = readFileSync(file);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`${file} is over ${FILE_BYTES_MAX} bytes`);
    return [[address, { bytes, type, etag: `"${createHash("sha256").update(bytes).digest("base64url")}"` }]];
  });
  if (found.length > FILES_MAX) throw new Error(`${folder} holds more than ${FILES_MAX} files`);
  return new Map(found);
}

function entriesIn(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

export function addStaticFiles(app: FastifyInstance, files: StaticFiles): void {
  const page = { config: { page: true } } as const;
  for (const [address, file] of files) app.get(address, page, (request, reply) => sendFile(request, reply, file));
  const index = files.get("/index.html");
  for (const view of VIEWS)
    app.get(view, page, (request, reply) =>
      index === undefined
        ? reply.status(503).type("text/plain; charset=utf-8").send(NOT_BUILT)
        : sendFile(request, reply, index),
    );
}

/** Asked for anew each time, and sent only when it changed: a page never runs a script of the daemon before. */
function sendFile(request: FastifyRequest, reply: FastifyReply, { bytes, type, etag }: StaticFile): FastifyReply {
  void reply.header("cache-control", "no-cache").header("etag", etag);
  const known = request.headers["if-none-match"]?.split(",").map((each) => each.trim().replace(/^W\//, ""));
  return known?.includes(etag) === true ? reply.status(304).send() : reply.type(type).send(bytes);
}
