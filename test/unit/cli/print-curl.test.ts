import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RawDelivery } from "../../../src/core/delivery.ts";
import {
  headersOf,
  PRIVATE_KEY,
  presets,
  SECRET,
  type SenderWorld,
  senderWorld,
  STANDARD_SECRET,
} from "./sender-world.ts";

let at: SenderWorld;
beforeEach(async () => {
  at = await senderWorld();
});
afterEach(() => at.close());

/** Runs the lines with a curl that only tells its arguments, and reads the request that it would have made. */
function requestOf(lines: string): RawDelivery {
  const shim = `curl() { printf '%s\\037' "$@"; }\n${lines}`;
  const args = execFileSync("sh", ["-c", shim], { cwd: at.world.dir, encoding: "utf8" }).split("\u001f");
  const after = (flag: string): readonly string[] => args.flatMap((arg, i) => (args[i - 1] === flag ? [arg] : []));
  const headers = after("-H").flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
  const url = new URL(args.find((arg) => arg.startsWith("http")) ?? "");
  return {
    target: url.pathname + url.search,
    headers: headersOf(headers),
    body: Buffer.from(after("--data-raw")[0] ?? ""),
  };
}

describe("qoc send --print-curl", () => {
  test.each([...presets, "gitlab-token", "zendesk-like"])(
    "of %s prints lines that sign as it does, at whatever time they run, and send nothing",
    async (name) => {
      const { exit, stdout } = await at.world.qoc(`send ${name} --print-curl`);
      expect([exit, at.received]).toEqual([0, []]);
      const raw = requestOf(stdout);
      expect(at.judge(raw, Date.now())).toBe("verified");
      expect(at.factsOf(raw).payload).not.toBe("unparsable");
    },
  );

  test.each(presets)("of %s shows no secret", async (name) => {
    const { stdout, stderr } = await at.world.qoc(`send ${name} --print-curl`);
    for (const secret of [SECRET, STANDARD_SECRET, STANDARD_SECRET.slice(6)])
      expect(stdout + stderr).not.toContain(secret);
  });

  test("keeps a body with quotes, dollars and line ends", async () => {
    const body = `{"it's":"$HOME \`x\`",\n"é":"\\\\"}\n`;
    at.world.write("payload.json", body);
    const raw = requestOf((await at.world.qoc("send slack --print-curl -d @payload.json")).stdout);
    expect([raw.body.toString(), at.judge(raw, Date.now())]).toEqual([body, "verified"]);
  });

  test.each([
    ["standard-webhooks --secret env:PRIVATE", "Ed25519"],
    ["github -d @binary", "not text"],
  ])("of %s says why it cannot be", async (args, says) => {
    at.world.write("binary", "\0\u0001");
    const { exit, stderr } = await at.world.qoc(`send ${args} --print-curl`, { env: { PRIVATE: PRIVATE_KEY } });
    expect([exit, stderr]).toEqual([64, expect.stringContaining(says)]);
  });
});
