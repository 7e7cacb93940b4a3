/** A webhook that stores what is filtered: nothing that was masked is anywhere on the disk, and the evidence says what is gone. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { environment, kill, qoc, stop, up, type Daemon, type Said } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { filesBelow } from "../support/files-below.ts";
import { post, signed } from "../support/sender.ts";

const FORM = "application/x-www-form-urlencoded";
/** In pieces, so that no file that the daemon is given holds one. */
const canary = (what: string): string => ["canary", what, "7f3a91"].join("-");

const RULES = `
[[redaction]]
id = "canaries"
match = "pattern"
pattern = "canary-[a-z0-9-]+"

[[redaction]]
id = "mail"
match = "email"

[[redaction]]
id = "place"
match = "pointer"
pointer = "/user/*"

[[redaction]]
id = "agent"
match = "header"
header = "User-Agent"

`;
const MAP = '[webhook.map]\nevent = "/event"\nsubject = "/about"\nid = "/id"\nactor = "/who"';
const TOML = [
  RULES,
  webhookToml("filtered", 'storage = "filtered"', 'dedupe = "id+body"', MAP),
  webhookToml("by-path", 'storage = "filtered"', 'dedupe = "path"', 'dedupe_path = "/id"', MAP),
  webhookToml("raw", MAP),
].join("\n");

const bodyWith = (what: string, more: object = {}): string =>
  JSON.stringify({
    event: canary(`${what}-event`),
    id: `${what}-id`,
    about: canary(`${what}-subject`),
    who: `${what}.who@example.com`,
    [canary(`${what}-name`)]: 1,
    user: { phone: 30_123_456_789, city: `${what}-pointed-7f3a91` },
    ...more,
  }).replace("subject-7", String.raw`subj\u0065ct-7`);

/** Every file of the desk that the daemon wrote, by its path. */
const written = (dir: string): ReadonlyMap<string, Buffer> =>
  new Map([...filesBelow(dir)].filter(([file]) => file !== "desk.toml" && file !== ".env.qoc"));

const holding = (files: ReadonlyMap<string, Buffer>, sought: string | Buffer): readonly string[] =>
  [...files].filter(([, bytes]) => bytes.includes(sought)).map(([file]) => file);

/** Each way in which a hash is written. */
const spellingsOf = (body: string): readonly (string | Buffer)[] => {
  const digest = createHash("sha256").update(body).digest();
  return [
    digest,
    digest.toString("hex"),
    digest.toString("base64").slice(0, 42),
    digest.toString("base64url").slice(0, 42),
  ];
};

type Redactions = readonly { readonly rule_id: string; readonly path: string; readonly match_count: number }[];
type Document = {
  readonly kind: string;
  readonly redactions: Redactions;
  readonly intent: { readonly trigger: { readonly webhook: string } };
};
const documentsIn = (dir: string): readonly (readonly [file: string, Document])[] => {
  const folder = path.join(dir, ".qoc", "evidence");
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f-]{36}\.json$/.test(name))
    .map((name) => [path.join(folder, name), JSON.parse(readFileSync(path.join(folder, name), "utf8"))]);
};

test(
  "nothing that the rules mask is on the disk, in a log or in what is said; the envelopes verify and list it",
  { timeout: 90_000 },
  async () => {
    const dir = deskFolder("filtered-desk", { toml: TOML });
    const sent: string[] = [];
    const said: Said[] = [];
    const send = async (
      daemon: Daemon,
      webhook: string,
      body: string,
      headers: Readonly<Record<string, string>> = {},
    ) => {
      if (webhook !== "raw") sent.push(body);
      const answer = await post(
        daemon.ingress,
        "filtered-desk",
        { webhook, body },
        { "user-agent": "agent-pointed-7f3a91", authorization: canary("token"), cookie: canary("cookie"), ...headers },
      );
      expect(answer.status).toBe(202);
      return { duplicate: answer.body["duplicate"], flag: answer.body["flag"] };
    };

    const first = await up([dir], { env: environment() });
    const body = bodyWith("first");
    const other = body.replace("first.who", "second.who");
    expect(await send(first, "filtered", body)).toEqual({ duplicate: false, flag: undefined });
    expect(await send(first, "filtered", body)).toEqual({ duplicate: true, flag: undefined });
    await quiet(dir);
    expect(await send(first, "filtered", other)).toEqual({ duplicate: false, flag: "id_conflict" });
    const large = bodyWith("large", { more: canary("more"), text: "x".repeat(400_000) });
    await send(first, "filtered", large);
    const form = new URLSearchParams({
      [canary("field")]: "1",
      a: "form.who@example.com",
      payload: bodyWith("inner"),
    }).toString();
    await send(first, "filtered", form, { "content-type": FORM, "x-qoc-delivery": canary("form-id") });
    await send(first, "by-path", bodyWith("path"));
    await send(first, "filtered", `broken {"a":"${canary("text")}"`, { "content-type": "text/plain" });
    await send(first, "filtered", `{"a":"${canary("broken")}`);
    await send(first, "raw", bodyWith("kept"), { "user-agent": "kept" });
    said.push(await kill(first));

    const second = await up([dir], { env: environment() });
    expect(await send(second, "filtered", body)).toEqual({ duplicate: true, flag: undefined });
    expect(await send(second, "filtered", other)).toEqual({ duplicate: true, flag: undefined });
    expect(await send(second, "filtered", large)).toEqual({ duplicate: true, flag: undefined });
    expect(await send(second, "by-path", bodyWith("path").replace("path.who", "third.who"))).toEqual({
      duplicate: false,
      flag: "id_conflict",
    });
    await quiet(dir);
    const shown = await Promise.all([
      qoc({ cwd: dir }, "runs", "list", "--output", "json"),
      qoc({ cwd: dir }, "envelope", "list"),
      qoc({ cwd: dir }, "inbox"),
      qoc({ cwd: dir }, "config", "check"),
    ]);
    const documents = documentsIn(dir);
    const verdicts = await Promise.all(documents.map(([file]) => qoc({ cwd: dir }, "envelope", "verify", file)));
    said.push(...shown, await stop(second));

    const files = written(dir);
    expect(files.size).toBeGreaterThan(10);
    // The search finds what is stored as it came: without that, finding nothing would mean nothing.
    expect(holding(files, canary("kept-event")).some((file) => file.startsWith(".qoc/store/"))).toBe(true);
    expect(holding(files, "kept.who@").some((file) => file.startsWith("inbox/"))).toBe(true);

    const masked = [
      ...["first", "large", "inner", "path"].flatMap((what) => [
        canary(`${what}-event`),
        canary(`${what}-subject`),
        canary(`${what}-name`),
        `${what}.who`,
      ]),
      ...["first", "large", "path"].map((what) => `${what}-pointed`),
      ...["more", "field", "form-id", "text", "broken", "token", "cookie"].map(canary),
      "second.who",
      "third.who",
      "form.who",
      "agent-pointed",
    ];
    expect(masked.flatMap((sought) => holding(files, sought).map((file) => `${sought} in ${file}`))).toEqual([]);
    expect(sent.flatMap(spellingsOf).flatMap((sought) => holding(files, sought))).toEqual([]);
    const words = said.flatMap(({ stdout, stderr }) => [stdout, stderr]).join("\n");
    expect(masked.filter((sought) => words.includes(sought))).toEqual([]);

    expect(verdicts.map(({ code }) => code)).toEqual(documents.map(() => 0));
    const filtered = documents.map(([, document]) => document).filter(({ intent }) => intent.trigger.webhook !== "raw");
    expect(filtered.map(({ kind }) => kind).toSorted()).toEqual([
      ...Array(2).fill("amendment"),
      ...Array(6).fill("envelope"),
    ]);
    for (const { redactions } of filtered)
      expect(redactions.map(({ path: place }) => place)).toContain("/headers/user-agent");
    expect(filtered.flatMap(({ redactions }) => redactions)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ rule_id: "place", path: "/body/user/city", match_type: "pointer", masked_len: 20 }),
        expect.objectContaining({ rule_id: "mail", path: "/body/payload/who" }),
        expect.objectContaining({ rule_id: "*", path: "/body", match_type: "unreadable" }),
        expect.objectContaining({ rule_id: "canaries", path: "/body/[redacted:canaries]" }),
      ]),
    );
  },
);

test("a rule that no webhook uses is told, and hinders nothing", async () => {
  const dir = deskFolder("unused-desk", { toml: `${RULES}${webhookToml("raw")}` });
  const check = await qoc({ cwd: dir }, "config", "check");
  expect([check.code, check.stderr]).toEqual([0, expect.stringContaining("[[redaction]] mail masks nothing")]);
});

test("the signature of a filtered delivery is checked over what came", async () => {
  const dir = deskFolder("signed-desk", { toml: TOML });
  const daemon = await up([dir]);
  const body = bodyWith("first");
  const spoiled = await post(
    daemon.ingress,
    "signed-desk",
    { webhook: "filtered", body },
    { "x-qoc-signature": signed(`${body} `) },
  );
  expect(spoiled.status).toBe(401);
  await stop(daemon);
});
