import { describe, expect, test } from "vitest";
import { changesNeedingRestart } from "../../../src/config/settings.ts";
import { cosignerOf } from "../../../src/evidence/log/note.ts";
import { keyOf } from "../evidence/log/note-vectors.ts";
import { logSigner } from "../witness/witness-support.ts";
import { desk, deskOf, problemsOf } from "./load-text.ts";

const vkeyOf = (name: string, seed: number): string => cosignerOf(name, keyOf(seed), 0).vkey;
const KEY = vkeyOf("witness.example/w1", 50);
const OTHER = vkeyOf("witness.example/w2", 51);
const witness = (url: string, key = KEY): string => `[[evidence.witness]]\nurl = "${url}"\nkey = "${key}"\n`;
const problems = (text: string) => problemsOf(desk(text));

describe("the witnesses of a desk", () => {
  test("are none unless they are named", () => {
    expect(deskOf(desk()).evidence.witness).toEqual([]);
  });

  test("are asked in the order of the file", () => {
    const { evidence } = deskOf(desk(`${witness("https://a.example/w")}${witness("https://b.example", OTHER)}`));
    expect(evidence.witness).toEqual([
      { url: "https://a.example/w", key: KEY },
      { url: "https://b.example", key: OTHER },
    ]);
  });

  test.each(["https://witness.example/w1/", "http://127.0.0.1:7440", "http://localhost:7440/w", "http://[::1]:7440"])(
    "may be at %s",
    (url) => expect(problems(witness(url))).toEqual([]),
  );

  test.each([
    ["http://witness.example", "must be https"],
    ["http://127.0.0.1.example", "must be https"],
    ["http://localhost.example", "must be https"],
    ["https://witness.example/w?x=1", "before any ?"],
    ["https://witness.example/w#x", "before any ?"],
    ["https://user:password@witness.example", "without a user"],
    ["ftp://witness.example", "must be an http or https URL"],
    ["witness.example", "must be an http or https URL"],
  ])("are not at %s", (url, says) => {
    expect(problems(witness(url))).toMatchObject([
      { key: "evidence.witness[0].url", says: expect.stringContaining(says) },
    ]);
  });

  test.each([
    ["the vkey of a log", logSigner.vkey, "vkey of a log"],
    ["a vkey whose id is another's", KEY.replace("/w1", "/w3"), "do not belong together"],
    ["a key that is cut off", KEY.slice(0, -1), "must be a witness's vkey"],
    ["a PEM", "-----BEGIN PUBLIC KEY-----", "must be a witness's vkey"],
  ])("are not known by %s", (_, key, says) => {
    expect(problems(witness("https://a.example", key))).toMatchObject([
      { key: "evidence.witness[0].key", says: expect.stringContaining(says) },
    ]);
  });

  test("have names of their own", () => {
    const namesake = vkeyOf("witness.example/w1", 52);
    expect(problems(`${witness("https://a.example")}${witness("https://b.example", namesake)}`)).toMatchObject([
      { key: "evidence.witness[1].key", says: expect.stringContaining("a name that another witness has") },
    ]);
  });

  test("need both their keys and no others, and two brackets", () => {
    expect(problems('[[evidence.witness]]\nurl = "https://a.example"\n')).toMatchObject([
      { key: "evidence.witness[0].key" },
    ]);
    expect(problems(`${witness("https://a.example")}name = "x"\n`)).toMatchObject([
      { says: expect.stringContaining("is not a key") },
    ]);
    expect(problems(witness("https://a.example").replace("[[", "[").replace("]]", "]"))).toMatchObject([
      { says: "must be written [[evidence.witness]], with two brackets" },
    ]);
  });

  test("are at most eight", () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, n) => witness(`https://w${n}.example`, vkeyOf(`w${n}.example`, 60 + n))).join(
        "",
      );
    expect(problems(many(8))).toEqual([]);
    expect(problems(many(9))).toMatchObject([{ key: "evidence.witness", says: "must have at most 8 items" }]);
  });

  test("are shown key by key, and change only with a restart", () => {
    const one = deskOf(desk(witness("https://a.example")));
    const shown = one.settings.filter(({ key }) => key.startsWith("evidence.witness"));
    expect(shown).toEqual([
      { key: "evidence.witness.0.url", value: "https://a.example", origin: "workspace" },
      { key: "evidence.witness.0.key", value: KEY, origin: "workspace" },
    ]);
    expect(changesNeedingRestart(one, deskOf(desk(witness("https://b.example"))))).toEqual(["evidence.witness"]);
    expect(changesNeedingRestart(one, deskOf(desk(witness("https://a.example"))))).toEqual([]);
    expect(deskOf(desk()).settings.filter(({ key }) => key.startsWith("evidence.witness"))).toEqual([]);
  });
});
