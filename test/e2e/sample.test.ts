/** The documentation page's own sample: its `desk.toml` blocks, its payload, and its openssl and curl lines as printed. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { environment, qoc, startProcess, up, within, type Daemon, type Said } from "../support/daemon.ts";
import { deskFolder, SECRET } from "../support/desk-folder.ts";
import { quiet } from "../support/control.ts";

const WEBHOOKS = `[[webhook]]
name   = "price-alert"
secret = "env:WEBHOOK_SECRET_PRICE_ALERT"   # reads from environment variable
action = "inbox"                             # write to inbox/

[[webhook]]
name   = "risk-breach"
secret = "env:WEBHOOK_SECRET_RISK"
action = "run"
task   = "risk-review"                      # triggers issues/risk-review.md
`;

/** Who works on the task: that page shows no more than its webhooks. */
const AGENT = '[agent]\ncommand = ["true"]\n\n';

const PAYLOAD =
  '{"event":"price_alert","symbol":"MSFT","trigger_price":420.00,"current_price":421.35,"direction":"above",' +
  '"alert_name":"MSFT 420 break","timestamp":"2026-07-05T13:45:00Z"}';

/** As printed, but for the port, the payload in full, and what curl writes of the answer. */
const lines = (port: string): string => `
BODY='${PAYLOAD}'
SECRET="${SECRET}"

SIGNATURE=$(echo -n "$BODY" | openssl dgst -sha256 -hmac "$SECRET" | awk '{print $2}')

curl -X POST "http://localhost:${port}/webhook/equity-desk/price-alert" \\
  -H "Content-Type: application/json" \\
  -H "X-Qoc-Signature: sha256=$SIGNATURE" \\
  -d "$BODY" --silent --show-error --write-out '\\n%{http_code}'
`;

const missing = ["bash", "curl", "openssl", "awk"].filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
if (missing.length > 0) process.stdout.write(`test/e2e/sample is skipped: ${missing.join(", ")} not installed\n`);

describe.skipIf(missing.length > 0)("the sample of the documentation page", () => {
  let dir: string;
  let daemon: Daemon;
  let answer: Said;

  beforeAll(async () => {
    dir = deskFolder("equity-desk", { toml: `${AGENT}${WEBHOOKS}`, secrets: {} });
    const env = environment({ WEBHOOK_SECRET_PRICE_ALERT: SECRET, WEBHOOK_SECRET_RISK: "another secret" });
    daemon = await up([dir], { env });
    const shell = startProcess("bash", ["-c", lines(new URL(daemon.ingress).port)], { cwd: dir });
    answer = await within(shell.ended, () => "went on: bash");
    await quiet(dir);
  });

  test("is answered 202", () => {
    expect(answer.stdout.split("\n")[1]).toBe("202");
  });

  test("becomes an inbox item with its numbers as written", async () => {
    const { stdout } = await qoc({ cwd: dir }, "runs", "show", "@last", "--json");
    const { inbox_item }: { readonly inbox_item: string } = JSON.parse(stdout);
    const item = readFileSync(path.join(dir, inbox_item), "utf8");
    expect(inbox_item).toMatch(/^inbox\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-price-alert\.md$/);
    expect(item).toMatch(/^ {2}trigger_price: 420\.00$/m);
    expect(item).toContain(PAYLOAD);
  });

  test.each([
    [["runs", "show", "@last"], "sealed"],
    [["why", "@last"], "sealed"],
  ])("is told by qoc %j", async (args, word) => {
    const { code, stdout } = await qoc({ cwd: dir }, ...args);
    expect(code).toBe(0);
    expect(stdout).toContain(word);
  });

  test("has an envelope that verifies, also without the daemon and by the key alone", async () => {
    const { stdout } = await qoc({ cwd: dir }, "runs", "show", "@last", "--json");
    const { envelope }: { readonly envelope: string } = JSON.parse(stdout);
    daemon.signal("SIGTERM");
    await daemon.ended;
    const said = await qoc(
      { cwd: "/" },
      "envelope",
      "verify",
      path.join(dir, envelope),
      "--key",
      path.join(dir, ".qoc/keys/evidence.pub"),
      "--json",
    );
    expect(said.code).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({
      schema: "qoc.verify/1",
      ok: true,
      level: expect.stringMatching(/^E[23]$/),
      codes: [],
    });
  });
});
