/**
 * Texts in, a configuration or every problem of it out. Pure, so that a reload is the same call again and its answer is taken
 * whole or not at all.
 */
import { type DeskConfig, deskConfig } from "./desk-config.ts";
import { parseEnvFile } from "./env-file.ts";
import { findingsOf } from "./issues.ts";
import { type Env, type Layer, merge, ownerOf, quietAbout, readEnv } from "./layers.ts";
import { type Finding, type Problem, problemOf } from "./problem.ts";
import { contradictions } from "./rules.ts";
import { DeskSchema } from "./schema.ts";
import { misfits } from "./secret-fit.ts";
import { readSecrets, type Surroundings } from "./secrets.ts";
import { type Layers, settingsOf } from "./settings.ts";
import { readToml, type TextFile } from "./toml.ts";
import { pathKey } from "./toml-locator.ts";

export type Texts = {
  readonly workspace: TextFile;
  /** `~/.qoc/config.toml`, which lies under the workspace's file. */
  readonly global: TextFile | null;
  /** `.env.qoc`, which lies under the environment. */
  readonly envFile: TextFile | null;
};

export type Loaded =
  | { readonly kind: "config"; readonly desk: DeskConfig }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

export function load(texts: Texts, around: Surroundings): Loaded {
  const workspace = readToml(texts.workspace);
  const global = texts.global === null ? null : readToml(texts.global);
  const envFile = texts.envFile === null ? null : parseEnvFile(texts.envFile.file, texts.envFile.text);
  const unread: readonly Problem[] = [
    ...(workspace.kind === "problem" ? [workspace.problem] : []),
    ...(global?.kind === "problem" ? [global.problem] : []),
    ...(envFile?.problems ?? []),
  ];
  if (workspace.kind === "problem") return { kind: "problems", problems: unread };

  const top: Layer = { ...workspace, kind: "workspace" };
  const layers: Layers = global?.kind === "table" ? [top, { ...global, kind: "global" }] : [top];
  const loaded = loadLayers(layers, { ...around, env: { ...envFile?.values, ...defined(around.env) } });
  if (unread.length === 0) return loaded;
  return { kind: "problems", problems: [...unread, ...(loaded.kind === "problems" ? loaded.problems : [])] };
}

function loadLayers(layers: Layers, around: Surroundings): Loaded {
  const merged = merge(layers);
  const read = readEnv(merged, around.env);
  const secrets = readSecrets(merged, around);
  const checked = DeskSchema.safeParse(read.table);
  const issues = checked.success ? [] : findingsOf(checked.error.issues, read.table);
  const refused = [...issues, ...contradictions(read.table)].map((finding) => quietAbout(finding, read.from));
  const findings = [...read.findings, ...secrets.findings, ...misfits(read.table, secrets), ...refused];
  if (!checked.success || findings.length > 0) return { kind: "problems", problems: placed(findings, layers) };
  const settings = settingsOf(read.table, checked.data, read.from, layers);
  const bare = {
    byWebhook: secrets.byWebhook.map((each) => each.map(({ secret }) => secret)),
    byTarget: secrets.byTarget.map((each) => each.map(({ secret }) => secret)),
    metricsToken: secrets.metricsToken?.secret ?? null,
  };
  return { kind: "config", desk: deskConfig(checked.data, bare, settings) };
}

/** A variable that is set to nothing is set: it hides the line in `.env.qoc`, as it would for any other program. */
const defined = (env: Env): Env => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));

/** In the order of the files; of several findings about one value, or about it and what it holds, the first, which names the cause. */
function placed(findings: readonly Finding[], layers: Layers): readonly Problem[] {
  const seen = new Set<string>();
  const told = findings.filter(({ path }) => {
    const isNew = !seen.has(pathKey(path));
    for (const [i] of path.entries()) seen.add(pathKey(path.slice(0, i + 1)));
    return isNew;
  });
  const problems = told.map((finding) => problemOf(finding, ownerOf(finding.path, layers)));
  const rank = new Map(layers.map(({ file }, i) => [file, i]));
  return problems.toSorted(
    (a, b) =>
      (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
