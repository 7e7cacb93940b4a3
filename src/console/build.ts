/**
 * Builds the console's static files: `tsx src/console/build.ts FOLDER`. Any warning ends it, and so does a console that has grown over its
 * bound. The files hold nothing secret and name nothing outside of themselves.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { withBrowserPlatform } from "../evidence/verify-page/browser-platform.ts";

/** Of all that the pages load by themselves, each file compressed by itself as it goes over the wire. */
export const CONSOLE_GZIP_BYTES_MAX = 60 * 1024;
/** Of what is loaded only when somebody opens it: the verifier, and what opens an approver's key. */
export const ON_DEMAND_GZIP_BYTES_MAX = 28 * 1024;

const folder = path.dirname(fileURLToPath(import.meta.url));
const entries = { app: path.join(folder, "main.tsx"), inspect: path.join(folder, "inspect", "main.tsx") };
const pages = ["index.html", "inspect.html", "favicon.svg"];

export type ConsoleFile = {
  readonly name: string;
  readonly text: string;
  readonly gzip_bytes: number;
  readonly on_demand: boolean;
};

/** Scripts, style and pages, by name. */
export async function consoleFiles(): Promise<readonly ConsoleFile[]> {
  const texts = [
    ...(await scripts()),
    { name: "app.css", text: style(), on_demand: false },
    ...pages.map((name) => ({ name, text: readFileSync(path.join(folder, "pages", name), "utf8"), on_demand: false })),
  ];
  return texts.map((made) => ({ ...made, gzip_bytes: gzipSync(made.text, { level: 9 }).length }));
}

export const gzipBytes = (files: readonly ConsoleFile[]): number =>
  files.reduce((bytes, file) => bytes + file.gzip_bytes, 0);

type Text = Omit<ConsoleFile, "gzip_bytes">;

async function scripts(): Promise<readonly Text[]> {
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
    platform: "browser",
    tsconfig: false,
    transform: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
    plugins: [withBrowserPlatform],
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  const { output } = await bundle.generate({
    format: "es",
    minify: true,
    comments: false,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
  });
  await bundle.close();
  const chunks = output.map((made) => {
    if (made.type !== "chunk") throw new Error(`${made.fileName} is no script`);
    return made;
  });
  const loaded = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
  // A set goes on to what is added to it meanwhile: whatever a loaded script imports is loaded.
  for (const name of loaded)
    for (const imported of chunks.find((chunk) => chunk.fileName === name)?.imports ?? []) loaded.add(imported);
  return chunks.map(({ fileName, code }) => ({ name: fileName, text: code, on_demand: !loaded.has(fileName) }));
}

/** `base.css` first, because the others build on its names. Comments and indentation stay here. */
function style(): string {
  const styles = path.join(folder, "styles");
  const names = readdirSync(styles).filter((name) => name.endsWith(".css") && name !== "base.css");
  return ["base.css", ...names.toSorted()]
    .map((name) => readFileSync(path.join(styles, name), "utf8"))
    .join("\n")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s*\n\s*/g, "\n")
    .trim();
}

/** @throws when they are over the bound: nothing is written then. */
export async function buildConsole(out: string): Promise<readonly ConsoleFile[]> {
  const files = await consoleFiles();
  const [asked, loaded] = [files.filter((file) => file.on_demand), files.filter((file) => !file.on_demand)];
  if (gzipBytes(loaded) > CONSOLE_GZIP_BYTES_MAX || gzipBytes(asked) > ON_DEMAND_GZIP_BYTES_MAX)
    throw new Error(`the console has grown over its bounds, in bytes compressed:\n${sizesOf(files)}`);
  mkdirSync(out, { recursive: true });
  for (const { name, text } of files) writeFileSync(path.join(out, name), text);
  return files;
}

/** A line a file, and the two sums beside their bounds. */
export function sizesOf(files: readonly ConsoleFile[]): string {
  const sum = (on_demand: boolean): number => gzipBytes(files.filter((file) => file.on_demand === on_demand));
  const lines = files.map(({ name, gzip_bytes, on_demand }) => [gzip_bytes, on_demand ? `${name}, on demand` : name]);
  return [
    ...lines,
    [sum(false), `of ${CONSOLE_GZIP_BYTES_MAX}`],
    [sum(true), `of ${ON_DEMAND_GZIP_BYTES_MAX}, on demand`],
  ]
    .map(([bytes, says]) => `${String(bytes).padStart(7)}  ${says}`)
    .join("\n");
}

const [, called, out] = process.argv;
if (called !== undefined && path.resolve(called) === fileURLToPath(import.meta.url)) {
  if (out === undefined) throw new Error("name the folder to write");
  process.stdout.write(`${sizesOf(await buildConsole(out))}\n`);
}
