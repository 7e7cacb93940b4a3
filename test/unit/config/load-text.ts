import { load, type Loaded } from "../../../src/config/load.ts";
import type { DeskConfig } from "../../../src/config/desk-config.ts";
import type { Problem } from "../../../src/config/problem.ts";

export type Given = {
  readonly global?: string;
  readonly envFile?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly files?: Readonly<Record<string, string>>;
};

/** Loads a workspace's text; `env:S` is set unless the test says otherwise. */
export function loadText(text: string, { global, envFile, env = { S: "secret" }, files = {} }: Given = {}): Loaded {
  const texts = {
    workspace: { file: "desk.toml", text },
    global: global === undefined ? null : { file: "config.toml", text: global },
    envFile: envFile === undefined ? null : { file: ".env.qoc", text: envFile },
  };
  const file = (name: string) => {
    const content = files[name];
    return content === undefined
      ? { kind: "missing" as const }
      : { kind: "bytes" as const, bytes: new TextEncoder().encode(content) };
  };
  return load(texts, { env, file });
}

export function deskOf(text: string, given: Given = {}): DeskConfig {
  const loaded = loadText(text, given);
  if (loaded.kind === "problems") throw new Error(JSON.stringify(loaded.problems, null, 1));
  return loaded.desk;
}

export function problemsOf(text: string, given: Given = {}): readonly Problem[] {
  const loaded = loadText(text, given);
  return loaded.kind === "problems" ? loaded.problems : [];
}

/** A webhook that is right as it stands; `more` goes behind it. */
export const webhook = (more = ""): string => `[[webhook]]\nname = "a"\nsecret = "env:S"\naction = "inbox"\n${more}\n`;
/** A desk that is right as it stands. */
export const desk = (more = ""): string => `name = "desk"\n${more}\n`;
/** A webhook of a sender that it describes, right as it stands; `more` goes into its scheme. */
export const customWebhook = (more = ""): string =>
  webhook(`provider = "custom"\n[webhook.scheme]\nheader = "X-Sig"\n${more}`);
