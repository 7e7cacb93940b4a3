/** Whom and what a person wants an envelope verified with: what stands on the command line, and what lies beside the file. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { LEVELS, type Level, type VerifyPolicy } from "../evidence/verify.ts";
import { keysBeside, readDeskKeys, trustIn, type DeskKey, type KeyTrust } from "./desk-keys.ts";
import { readNamed } from "./envelope-file.ts";
import { usage } from "./errors.ts";
import { textOption, textsOption } from "./flags.ts";
import { goOn } from "./log-beside.ts";
import { readBeside } from "./read-beside.ts";

type Options = Readonly<Record<string, unknown>>;

/** @throws CliError for a file that is not there and for a flag that is not understood */
export function policyFor(file: string, options: Options, cwd: string): VerifyPolicy {
  const named = (name: string): string => readNamed(path.resolve(cwd, name)).toString("utf8");
  const keyReceipts = textsOption(options, "keyReceipt").map(named);
  const trust = trustBeside(readDeskKeys(keysBeside(file)), textsOption(options, "key").map(named));
  const origin = textOption(options, "origin");
  const least = textOption(options, "witnessesMin");
  return {
    ...trust,
    ...(keyReceipts.length > 0 ? { keyReceipts } : {}),
    ...(origin === undefined ? {} : { origin }),
    ...logPolicy(file, options, cwd, named),
    witnesses: textsOption(options, "witness"),
    ...(least === undefined ? {} : { witnessesMin: countOf(least) }),
  };
}

/** The level that `--require` asks for. */
export function requiredLevel(options: Options): Level {
  const text = textOption(options, "require") ?? "E2";
  const level = LEVELS.find((one) => one === text && one !== "none");
  if (level !== undefined) return level;
  throw usage(`--require ${JSON.stringify(text)} is no level.`, "Levels are E0, E1, E2, E3 and E4.", "--require E3");
}

/** Of several keys that lead on to one another the first one's receipts lead on to all. */
function trustBeside(keys: readonly DeskKey[], given: readonly string[]): KeyTrust {
  if (given.length === 0) return trustIn(keys);
  const chains = given.map((pem) => trustIn(keys, pem).keyReceipts);
  return { keys: given, keyReceipts: chains.reduce((a, b) => (b.length > a.length ? b : a)) };
}

function logPolicy(
  file: string,
  options: Options,
  cwd: string,
  named: (name: string) => string,
): Pick<VerifyPolicy, "receipt" | "held"> {
  const beside = path.join(path.dirname(file), `${path.basename(file).split(".", 1)[0] ?? ""}.tlog-proof`);
  const given = textOption(options, "receipt");
  const receipt = given === undefined ? readBeside(beside)?.toString("utf8") : named(given);
  const since = textOption(options, "since");
  if (since === undefined) return receipt === undefined ? {} : { receipt };
  const kept = named(since);
  if (receipt === undefined) return { held: { checkpoint: kept, consistency: [] } };
  return goOn(receipt, kept, foldersOf(file, textOption(options, "log"), cwd));
}

/** The log named, or those of the desk that the file lies in, of every epoch. */
export function foldersOf(file: string, given: string | undefined, cwd: string): readonly string[] {
  if (given !== undefined) return [path.resolve(cwd, given)];
  const evidence = path.dirname(file);
  const ended = path.join(evidence, "logs");
  return [
    path.join(evidence, "log"),
    ...(existsSync(ended) ? readdirSync(ended).map((epoch) => path.join(ended, epoch)) : []),
  ];
}

function countOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw usage(
    `--witnesses-min ${JSON.stringify(text)} is not a count.`,
    "It takes a whole number up to 999.",
    "--witnesses-min 2",
  );
}
