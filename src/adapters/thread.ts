import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/**
 * Starts the module beside `base` in a thread of its own: `<name>.js` as built, `<name>.ts` when run from sources. Node 20 gives a
 * thread no loader for TypeScript, so there the thread registers the one of development first.
 */
export function startThread(name: string, base: string, workerData: unknown): Worker {
  if (!base.endsWith(".ts")) return new Worker(new URL(`./${name}.js`, base), { workerData });
  const loader = pathToFileURL(
    createRequire(base)
      .resolve("tsx/esm/api")
      .replace(/\.cjs$/, ".mjs"),
  ).href;
  const module = new URL(`./${name}.ts`, base).href;
  const script = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(module)}); })`;
  return new Worker(script, { eval: true, workerData });
}
