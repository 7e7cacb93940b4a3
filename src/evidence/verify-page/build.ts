/** Builds `verify.html`, one file without any other, from the library's own sources: `tsx src/evidence/verify-page/build.ts FILE`. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { withBrowserPlatform } from "./browser-platform.ts";

const folder = path.dirname(fileURLToPath(import.meta.url));

/** The script: the page and the verifier, with the platform of a browser in the place of Node's. */
export async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: path.join(folder, "page.ts"),
    platform: "browser",
    plugins: [withBrowserPlatform],
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  const { output } = await bundle.generate({ format: "iife", minify: true });
  const [{ code }, ...rest] = output;
  if (rest.length > 0) throw new Error("the page is more than one script");
  // Within a text of it an end tag would end the script. There is none, and none may come unseen.
  if (/<\/script|<!--/i.test(code)) throw new Error("the script holds what would end it");
  return code.trim();
}

/** The page round the script. Its policy allows this script and this style by their hashes, and nothing else of any kind. */
export function pageOf(script: string): string {
  const style = readFileSync(path.join(folder, "page.css"), "utf8").trim();
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const page = readFileSync(path.join(folder, "page.html"), "utf8");
  return [
    ['content="policy"', `content="${policy}"`],
    ["<style></style>", `<style>${style}</style>`],
    ["<script></script>", `<script>${script}</script>`],
  ].reduce((text, [empty = "", full = ""]) => {
    const [before, after, ...rest] = text.split(empty);
    if (before === undefined || after === undefined || rest.length > 0)
      throw new Error(`page.html has no one ${empty}`);
    return before + full + after;
  }, page);
}

const hashOf = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;

const [, called, file] = process.argv;
if (called !== undefined && path.resolve(called) === fileURLToPath(import.meta.url)) {
  if (file === undefined) throw new Error("name the file to write");
  const page = pageOf(await bundlePage());
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, page);
}
