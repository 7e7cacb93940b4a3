/** The repository keeps its own rules: who may import whom, what the pure files may touch, how long a file may be. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .toSorted();
const sourceOf = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** What a file imports, statically or not: paths from the root for ours, names for packages. */
function importsOf(file: string): readonly string[] {
  const named = [...sourceOf(file).matchAll(/(?:from\s+|import\s*\(\s*|import\s+)"([^"]+)"/g)].map(
    ([, name]) => name ?? "",
  );
  return named.map((name) =>
    name.startsWith(".") ? path.relative(root, path.resolve(root, path.dirname(file), name)) : name,
  );
}
/** `src/engine/step.ts` belongs to `engine`, `src/main-desk.ts` to `main`, `machines/index.ts` to `machines`. */
function partOf(file: string): string {
  const [top, second] = file.split("/");
  if (top !== "src") return top ?? "";
  return second?.endsWith(".ts") === true ? "main" : (second ?? "");
}

const sources = [...filesBelow("src"), ...filesBelow("machines")];
const tests = filesBelow("test").filter((file) => file !== "test/tidy.test.ts");

const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  machines: ["core"],
  engine: ["core"],
  providers: ["core"],
  evidence: ["core"],
  redaction: ["core", "evidence"],
  config: ["core", "providers", "redaction", "evidence"],
  ingress: ["core", "providers", "redaction", "engine"],
  orders: ["core"],
  approval: ["core", "evidence"],
  notify: ["core", "config", "engine"],
  chart: ["core"],
  inspect: ["core", "engine"],
  observe: ["core", "config", "engine"],
  /** The page, in a browser: of the answers it has types alone, and it verifies and signs with the same code as the command line. */
  console: ["core", "http", "chart", "inspect", "evidence", "approval"],
  desk: ["core", "config", "engine", "machines", "orders", "approval"],
  agent: ["core", "config", "engine", "desk", "orders"],
  adapters: ["core", "engine", "ingress", "desk", "evidence", "agent", "orders", "approval", "notify"],
  witness: ["core", "evidence", "adapters"],
  fsck: ["core", "machines", "engine", "evidence", "ingress", "desk", "adapters"],
  http: [
    "core",
    "engine",
    "ingress",
    "config",
    "evidence",
    "agent",
    "orders",
    "approval",
    "chart",
    "inspect",
    "observe",
  ],
  cli: [
    "core",
    "engine",
    "providers",
    "ingress",
    "config",
    "evidence",
    "http",
    "desk",
    "witness",
    "fsck",
    "agent",
    "orders",
    "approval",
    "notify",
    "adapters",
    "chart",
    "inspect",
    "observe",
  ],
};
/** The one file of the command line that reaches the daemon's own parts, and only when a command needs them; and what a developer runs. */
const wiring = new Set(["src/cli/system-parts.ts", "src/cli/main.ts", "src/chart/layout/build.ts"]);

describe("imports follow the arrows of src/README.md", () => {
  test("there are files to look at", () => expect(sources.length).toBeGreaterThan(100));
  test.each(sources.filter((file) => partOf(file) !== "main" && !wiring.has(file)))("%s", (file) => {
    const part = partOf(file);
    const ours = importsOf(file).filter((name) => name.startsWith("src/") || name.startsWith("machines/"));
    const wrong = ours.filter((name) => partOf(name) !== part && !(arrows[part] ?? []).includes(partOf(name)));
    expect(wrong.filter((name) => name !== "src/version.ts")).toEqual([]);
  });
  test.each(filesBelow("src").filter((file) => /^src\/(ingress|desk|http|cli)\//.test(file)))(
    "%s sees the engine's ports alone",
    (file) => {
      const engine = importsOf(file).filter((name) => name.startsWith("src/engine/"));
      expect(engine.filter((name) => name !== "src/engine/ports.ts")).toEqual([]);
    },
  );
});

const pure = sources.filter(
  (file) =>
    // The offline page is the one part of evidence that has a world: a browser's.
    (/^(machines|src\/(core|providers|redaction|evidence|orders|approval|inspect))\//.test(file) &&
      !file.startsWith("src/evidence/verify-page/")) ||
    /^src\/engine\/(step|advance|replay|xstate-words)\.ts$/.test(file),
);

describe("pure files touch nothing of the world", () => {
  test("there are files to look at", () => expect(pure.length).toBeGreaterThan(40));
  test.each(pure)("%s", (file) => {
    const source = sourceOf(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    expect(
      importsOf(file).filter(
        (name) =>
          !/^(src|machines)\//.test(name) && !["xstate", "zod", "re2js", "smol-toml", "node:crypto"].includes(name),
      ),
    ).toEqual([]);
    expect(source).not.toMatch(
      /\bDate\.now|\bnew Date\(\)|\bMath\.random|\bprocess\.|\bset(Timeout|Interval|Immediate)\b|\brandomBytes\b|\brandomUUID\b/,
    );
    expect(source).not.toMatch(/\bawait\b/);
  });
});

describe("every source file", () => {
  // A chart is one literal that an editor imports, and cannot be split.
  test.each(sources)("%s is one thing: at most 310 lines, a chart 450", (file) => {
    const bound = sourceOf(file).includes("}).createMachine({") ? 450 : 310;
    expect(sourceOf(file).split("\n").length).toBeLessThanOrEqual(bound);
  });
  test.each([...sources, ...tests])(
    "%s has no any, no switch around the compiler, no focused or skipped test without a reason",
    (file) => {
      const source = sourceOf(file);
      expect(source).not.toMatch(/(: any\b|\bas any\b|<any>|@ts-(ignore|nocheck))/);
      expect(source).not.toMatch(/\b(test|it|describe)\.(only|todo|skip)\b/);
    },
  );
  test("does not read the environment outside of the wiring", () => {
    const readers = sources.filter((file) => /\bprocess\.env\b/.test(sourceOf(file)));
    expect(readers.filter((file) => !/^src\/(cli\/(main|io)|main)[\w-]*\.ts$/.test(file))).toEqual([]);
  });
});
