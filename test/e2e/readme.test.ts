/** The README's own lines, taken from the page and run: what it tells a person to type works as it stands there. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { environment, type Place, qoc, startProcess, up, within } from "../support/daemon.ts";
import { deskFolder } from "../support/desk-folder.ts";

const readme = readFileSync(path.resolve(import.meta.dirname, "../../README.md"), "utf8");
const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, lines]) => lines ?? "");
const blockWith = (text: string): string => blocks.find((block) => block.includes(text)) ?? "";

const missing = ["bash", "curl", "openssl", "awk"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
if (missing.length > 0) process.stdout.write(`test/e2e/readme is skipped: ${missing.join(", ")} not installed\n`);

describe.skipIf(missing.length > 0)("the README's lines", () => {
  let place: Place;
  let answer: string;

  beforeAll(async () => {
    const dir = deskFolder("my-desk");
    const daemon = await up([dir], { env: environment({}) });
    const lines = blockWith("openssl dgst").replace("localhost:7430", new URL(daemon.ingress).host);
    // Twice, because a desk of a person holds more than one run.
    for (const price of ["420.00", "421.50"]) {
      const shell = startProcess("bash", ["-ec", lines.replace("420.00", price)], { cwd: dir });
      answer = (await within(shell.ended, () => "went on: bash")).stdout;
    }
    await quiet(dir);
    place = { cwd: dir };
  });

  test("sign and send a delivery that is accepted", () => {
    expect(JSON.parse(answer)).toMatchObject({ duplicate: false });
  });

  test("look at its run and its evidence", async () => {
    const lines = blockWith("qoc runs show @last").split("\n");
    const named = lines.filter((line) => /^qoc (runs show|why|envelope verify)/.test(line));
    expect(named).toHaveLength(3);
    for (const line of named) {
      const words = line.replace(/#.*/, "").trim().split(/\s+/).slice(1);
      const { code } = await qoc(place, ...words);
      expect([line, code]).toEqual([line, 0]);
    }
  });

  test("verify an envelope with a key that is named", async () => {
    const [envelope = ""] = readdirSync(path.join(place.cwd ?? ".", ".qoc/evidence")).filter((name) =>
      name.endsWith(".json"),
    );
    const [line = ""] = blockWith("--key evidence.pub").trim().split("\n");
    const words = line
      .replace("FILE", `.qoc/evidence/${envelope}`)
      .replace("evidence.pub", ".qoc/keys/evidence.pub")
      .split(" ")
      .slice(1);
    const { code, stdout } = await qoc(place, ...words);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ level E[23] /)]);
  });
});
