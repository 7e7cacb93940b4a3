/** Secrets, bodies and header values go through every route, and into no log line and no output of the daemon. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ask, quiet } from "../support/control.ts";
import { environment, qoc, stop, up } from "../support/daemon.ts";
import { deskFolder, webhookToml, writeToml } from "../support/desk-folder.ts";
import { openConnection } from "../support/raw-connection.ts";
import { post, signed } from "../support/sender.ts";

const canary = (what: string): string => `canary-${what}-7f3a91`;
const SECRET = canary("secret");
const TOML = [
  '[agent]\ncommand = ["true"]\n',
  webhookToml("price-alert"),
  webhookToml("by-id", 'dedupe = "id+body"'),
  webhookToml("small", 'body_limit = "1KiB"'),
  '[[webhook]]\nname = "agent"\nsecret = "env:SECRET"\naction = "run"\ntask = "risk-review"\n',
].join("\n");

test("no secret, body or header value stands in the log, on stdout or on stderr", async () => {
  const dir = deskFolder("secret-desk", { toml: TOML, secrets: { SECRET, OTHER: canary("other-secret") } });
  const daemon = await up([dir], { env: environment({ QOC_UNUSED: canary("environment") }) });
  const body = JSON.stringify({ event: "e", note: canary("body") });
  const good = {
    "x-qoc-signature": signed(body, SECRET),
    "x-canary": canary("header"),
    authorization: canary("token"),
  };
  const send = (webhook: string, headers: Readonly<Record<string, string>>, text = body, delivery_id?: string) =>
    post(
      daemon.ingress,
      "secret-desk",
      { webhook, body: text, ...(delivery_id === undefined ? {} : { delivery_id }) },
      headers,
    );
  const changed = `${body} `;

  const answers = [
    await send("price-alert", good),
    await send("price-alert", good),
    await send("agent", good),
    await send("by-id", good, body, "id-1"),
    await send("by-id", { ...good, "x-qoc-signature": signed(changed, SECRET) }, changed, "id-1"),
    await send("by-id", good, body, "id-2"),
    await send("price-alert", { ...good, "x-qoc-signature": signed(body, "wrong") }),
    await send("price-alert", { ...good, "x-qoc-signature": canary("signature") }),
    await send("small", good, canary("large").repeat(1000)),
    await send(canary("path"), good),
    await send("price-alert", { ...good, "x-qoc-signature": signed("not json", SECRET) }, "not json"),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202, 401, 401, 413, 404, 202]);
  const raw = await openConnection(daemon);
  raw.write(`POST /webhook/secret-desk/price-alert HTTP/1.1\r\n${canary("malformed")}\r\n\r\n`);
  await raw.closed;
  await quiet(dir);

  for (const route of ["/api/status", "/api/runs", `/api/runs/${canary("run")}`, `/${canary("route")}`])
    await ask(dir, route);
  const commands = await Promise.all([
    qoc({ cwd: dir }, "config", "show"),
    qoc({ cwd: dir }, "endpoints", "list"),
    qoc({ cwd: dir }, "send", "price-alert", "--print-curl"),
    qoc({ cwd: dir }, "status"),
    qoc({ cwd: dir }, "doctor"),
    qoc({ cwd: dir }, "logs", "--tail", "1000"),
  ]);
  writeToml(dir, "secret-desk", TOML.replace('"env:SECRET"', `"${SECRET}"`));
  daemon.signal("SIGHUP");
  await expect.poll(daemon.stderr, { timeout: 10_000 }).toContain("configuration refused");
  const check = await qoc({ cwd: dir }, "config", "check");
  expect(check.code).toBe(78);
  const said = await stop(daemon);

  const folder = path.join(dir, ".qoc", "log");
  const log = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), "utf8"));
  expect(log.join("")).toContain("SIGNATURE_INVALID");
  const everything = [...log, ...[said, check, ...commands].flatMap(({ stdout, stderr }) => [stdout, stderr])].join(
    "\n",
  );
  expect(everything.match(/canary-[a-z-]+/g) ?? []).toEqual([]);
});
