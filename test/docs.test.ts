/** The pages that people read say what the program does. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { commands } from "../src/cli/commands/index.ts";
import { exitCodes } from "../src/cli/exit-codes.ts";
import { senderNotes } from "../src/cli/sender-notes.ts";
import { refusals } from "../src/core/refusals.ts";
import { providers } from "../src/providers/index.ts";

const page = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
const readme = page("README.md").replace(/ +/g, " ");

function everyCommand(): Command {
  const program = new Command();
  for (const add of commands) add(program, () => () => Promise.resolve());
  return program;
}

describe("the README", () => {
  test.each(Object.entries(refusals))("words %s as the code does", (code, { status, says }) => {
    expect(readme).toContain(`| \`${code}\` | ${status} | ${says} |`);
  });

  test("words no refusal that the code does not have", () => {
    const worded = [...readme.matchAll(/^\| `([A-Z_]+)` \| \d/gm)].map(([, code]) => code);
    expect(worded).toEqual(Object.keys(refusals));
  });

  test("names every command, and none that is not there", () => {
    const program = everyCommand();
    const there = program.commands.map((command) => command.name());
    const named = readme.slice(readme.indexOf("## Commands"), readme.indexOf("each with `--help`"));
    const worded = [...named.matchAll(/`([a-z]+)(?: [a-z|]+)?`/g)].map(([, name]) => name);
    // `demo` is what `npm start` runs, and stands there.
    expect(new Set(worded)).toEqual(new Set(there.filter((name) => name !== "demo")));
  });

  test("names every subcommand of a command, and none that is not there", () => {
    const program = everyCommand();
    const there = program.commands.flatMap((command) =>
      command.commands.map((each) => `${command.name()} ${each.name()}`),
    );
    const named = readme.slice(readme.indexOf("## Commands"), readme.indexOf("each with `--help`"));
    const worded = [...named.matchAll(/`([a-z]+) ([a-z|]+)`/g)].flatMap(([, name = "", subs = ""]) =>
      subs.split("|").map((sub) => `${name} ${sub}`),
    );
    expect(worded.toSorted()).toEqual(there.toSorted());
  });

  test("names every flag that it shows of a command as the command has it", () => {
    const program = everyCommand();
    const shown = [...readme.matchAll(/^qoc ([a-z]+(?: [a-z]+)?)([^#\n]*)/gm)];
    expect(shown.length).toBeGreaterThan(15);
    for (const [line, path = "", rest = ""] of shown) {
      const [name, sub] = path.split(" ");
      const command = program.commands.find((each) => each.name() === name);
      const takes = command?.commands.find((each) => each.name() === sub) ?? command;
      const flags = [...(rest.split("&&")[0]?.matchAll(/ (--?[a-z][a-z-]*)/g) ?? [])].map(([, flag]) => flag);
      const known = takes?.options.flatMap(({ long, short }) => [long, short]) ?? [];
      expect([line, command?.name(), flags.filter((flag) => !known.includes(flag))]).toEqual([line, name, []]);
    }
  });

  test("leads to files that are there, and shows each picture that is taken", () => {
    const linked = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, file]) => file ?? "");
    expect(linked.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
    const taken = readdirSync(new URL("../src/console/pictures", import.meta.url)).filter((name) =>
      name.endsWith(".png"),
    );
    expect(linked.filter((file) => file.endsWith(".png")).toSorted()).toEqual(
      taken.map((name) => `src/console/pictures/${name}`).toSorted(),
    );
  });

  test.each(Object.entries(senderNotes))("has the recipe of %s that the command line has", (name, notes) => {
    const row = readme.split("\n").find((line) => line.startsWith(`| \`${name}\` | ${notes.secret} | `));
    expect(row).toContain(` | ${notes.verified} | ${notes.id} | ${notes.not_claimed} |`);
  });

  test("has a recipe for every sender, in their order, and for one of your own", () => {
    const senders = readme.slice(readme.indexOf("## Senders"), readme.indexOf("## What happens"));
    const named = [...senders.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    expect(named).toEqual([...Object.keys(providers), "custom"]);
  });

  test("names every exit code that a command of ours gives", () => {
    for (const code of Object.values(exitCodes).filter((exit) => exit < 128))
      expect(readme).toMatch(new RegExp(`\\b${code}\\b`));
  });

  test("reaches a command by line 15 and ends by line 200", () => {
    const lines = page("README.md").split("\n");
    expect(lines.slice(0, 15).some((line) => line.startsWith("```sh"))).toBe(true);
    expect(lines.length).toBeLessThanOrEqual(200);
  });
});

describe("the map", () => {
  const map = page("src/README.md");

  test("names files that are there", () => {
    const named = [...map.matchAll(/`((?:src|machines|test)\/[\w./-]+|[\w-]+\/[\w.-]+\.ts)`/g)].map(
      ([, file]) => file ?? "",
    );
    expect(named.length).toBeGreaterThan(15);
    for (const file of named) {
      const places =
        file.startsWith("src/") || file.startsWith("machines/") || file.startsWith("test/") ? [file] : [`src/${file}`];
      for (const place of places) expect(() => readdirOrRead(place)).not.toThrow();
    }
  });

  test("names every folder of the sources", () => {
    const folders = readdirSync(new URL("../src", import.meta.url), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.length).toBeGreaterThan(8);
    for (const { name } of folders) expect(map).toContain(`${name}/`);
  });

  test("has at most 120 lines", () => expect(map.split("\n").length).toBeLessThanOrEqual(120));
});

test("decisions are numbered without gaps and have a state", () => {
  const files = readdirSync(new URL("../src/decisions", import.meta.url)).toSorted();
  expect(files.length).toBeGreaterThan(3);
  for (const [i, file] of files.entries()) {
    expect(file).toMatch(new RegExp(`^${String(i + 1).padStart(4, "0")}-[a-z0-9-]+\\.md$`));
    expect(page(`src/decisions/${file}`)).toMatch(/^State: (proposed|accepted|superseded)/m);
  }
});

test("a decision that is cited is there, and one that is superseded names the one in its place", () => {
  const files = readdirSync(new URL("../src/decisions", import.meta.url));
  const numbers = new Set(files.map((file) => file.slice(0, 4)));
  const texts = files.map((file) => page(`src/decisions/${file}`));
  const cited = [...texts, page("src/README.md")].flatMap((text) =>
    [...text.matchAll(/\b(00\d\d)\b/g)].map(([, n]) => n),
  );
  expect(cited.length).toBeGreaterThan(30);
  expect(cited.filter((number) => !numbers.has(number ?? ""))).toEqual([]);
  const states = texts.flatMap((text) => /^State: superseded.*$/m.exec(text) ?? []);
  for (const state of states) expect(state).toMatch(/ by 00\d\d\b/);
});

function readdirOrRead(place: string): unknown {
  const url = new URL(`../${place}`, import.meta.url);
  return place.includes(".") ? readFileSync(url) : readdirSync(url);
}
