/** The built page in a browser that is there: that its policy lets its own script run, and that the script finds its way about. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { bundlePage, pageOf } from "../../../../src/evidence/verify-page/build.ts";
import { seal } from "../../../../src/evidence/seal.ts";
import { job, publicPem, signer } from "../support.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) =>
  existsSync(file),
);
if (CHROMIUM === undefined) process.stdout.write("skipped: the offline page in a browser needs a Chromium\n");

const folder = mkdtempSync(path.join(tmpdir(), "qoc-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Drives the page from within, as a person's hands would. The page's own policy would refuse such a script, so it is hashed into it. */
const hands = (envelope: string): string =>
  `for (const text of ${JSON.stringify([publicPem, envelope]).replaceAll("<", "\\u003c")}) {` +
  `document.getElementById("pasted").value = text;` +
  `document.getElementById("paste").dispatchEvent(new Event("submit", { cancelable: true })); }`;

describe.skipIf(CHROMIUM === undefined)("the offline page in Chromium, from a file", { timeout: 60_000 }, () => {
  test("verifies an envelope with its own WebCrypto", async () => {
    const script = `${await bundlePage()}\n${hands(Buffer.from(seal(job(), signer).bytes).toString())}`;
    const file = path.join(folder, "verify.html");
    writeFileSync(file, pageOf(script));
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--dump-dom"];
    const ran = spawnSync(CHROMIUM ?? "", [...flags, pathToFileURL(file).href], { encoding: "utf8" });
    expect(ran.stdout).toContain("✓ holds");
    expect(ran.stdout).toContain("level E2");
  });
});
