/** Where the two verifiers once differed and no case is on file: spellings of keys, long names of logs, pointers in two links. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { seal } from "../../src/evidence/seal.ts";
import { LOG, deskKey, filler, logOf } from "../unit/evidence/log-desk.ts";
import { birth, forged, job, publicPem, signer } from "../unit/evidence/support.ts";
import { policyOf, judge } from "./library.ts";
import { isMissing, runSecond, temporary } from "./second.ts";

const folder = temporary();
afterAll(() => rmSync(folder, { recursive: true }));
const sealed = seal(job(), signer);

/** What both say of a file, given a key as text and perhaps a receipt. */
function told(bytes: Uint8Array, pem: string, receipt?: string) {
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join("..", "..", "..", "..", "..", "..", "..", folder, name);
  };
  const policy = {
    file: put("e.json", bytes),
    keys: [put("k.pub", pem)],
    ...(receipt === undefined ? {} : { receipt: put("r", receipt) }),
  };
  writeFileSync(join(folder, "policy.json"), JSON.stringify(policy));
  const [second] = runSecond(["--policies"], [join(folder, "policy.json")]);
  const first = judge(bytes, policyOf(policy));
  expect({ level: second?.level, codes: second?.codes }).toEqual({ level: first.level, codes: first.codes });
  return first;
}

const [head = "", body = "", foot = ""] = publicPem.split("\n");
const pem = (of: string): string => `${head}\n${of}\n${foot}\n`;
/** Another last digit that stands for the same bytes. */
const looser = body.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`);

describe.skipIf(isMissing)("the second verifier, written from the page alone,", { timeout: 60_000 }, () => {
  test.each([
    ["with CR LF", publicPem.replaceAll("\n", "\r\n"), true],
    ["with a byte order mark", `\ufeff${publicPem}`, true],
    ["with blanks round it", ` \t\n${publicPem}\n `, true],
    ["in two lines", pem(`${body.slice(0, 20)}\n${body.slice(20)}`), true],
    ["with bits too many in its last digit", pem(looser), false],
    ["with a blank in its base64", pem(`${body.slice(0, 20)} ${body.slice(20)}`), false],
    ["with a tab behind its first line", publicPem.replace("-----\n", "-----\t"), false],
    ["with more line ends than any key has", pem(body + "\n".repeat(256)), false],
    ["with other white space before it", `\v${publicPem}`, false],
    ["with a text before it", `key\n${publicPem}`, false],
  ])("takes the same keys for keys: one %s", (_name, key, isKey) => {
    expect(told(sealed.bytes, key).codes.includes("KEY_UNUSABLE")).toBe(!isKey);
  });

  test.each([
    [256, "E3"],
    [257, "E2"],
  ])("takes a log's name of %i characters as the library does", (length, level) => {
    const origin = "h".repeat(length - LOG.length) + birth.origin;
    const there = seal({ ...job(), birth: { ...birth, origin } }, signer);
    const log = logOf([filler(0), { kind: "seal", seal: there.seal_hash }], [deskKey(7)], `${origin}/log`);
    expect(told(there.bytes, publicPem, log.receipt(1)).level).toBe(level);
  });

  test.each([0, -1])("finds the same of an id that stands in link %i too", (at) => {
    const twice = forged(sealed.bytes, ({ integrity, observations }) => {
      for (const [n, { id }] of observations.entries()) integrity.hash_chain.at(at).open[`/observations/${n}/id`] = id;
    });
    expect(told(twice, publicPem).codes).toContain("POINTER_REPEATED");
  });
});
