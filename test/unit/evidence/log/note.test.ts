import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cosignerOf,
  NOTE_BYTES_MAX,
  openNote,
  readVkey,
  signerOf,
  signNote,
  type NoteSigner,
  type Verifier,
} from "../../../../src/evidence/log/note.ts";
import { anyString, arche, enoch, keyOf, page, peter, PETER_NOTE, sumdb, TEXT } from "./note-vectors.ts";

fc.configureGlobal({ seed: 1, numRuns: 100 });

const known = (...vkeys: readonly string[]): readonly Verifier[] =>
  vkeys.map(readVkey).filter((verifier) => verifier !== undefined);

const signers = Array.from({ length: 17 }, (_, i) => signerOf(`example.com/${i}`, keyOf(i)));
const first = signers.slice(0, 1);
const verifiersOf = (of: readonly NoteSigner[]): readonly Verifier[] => known(...of.map(({ vkey }) => vkey));

describe("notes of other implementations", () => {
  test.each([
    ["the Go package's example", PETER_NOTE, peter.vkey, TEXT, "PeterNeumann"],
    ["the page's example", page.note, page.vkey, page.text, "example.com/foo"],
    ["a checkpoint of the Go checksum database", sumdb.note, sumdb.vkey, sumdb.text, "sum.golang.org"],
    ["a checkpoint among seven signatures", arche.note, arche.vkey, arche.text, arche.vkey.split("+")[0]],
    ["the cosignature of a witness", arche.note, arche.witness, arche.text, "remora.n621.de"],
  ])("open: %s", (_name, note, vkey, text, name) => {
    expect(openNote(note, known(vkey))).toEqual({ kind: "note", text, by: [name] });
    expect(openNote(Buffer.from(note), known(vkey))).toEqual({ kind: "note", text, by: [name] });
  });

  test("are what ours sign", () => {
    expect(signNote(TEXT, [signerOf("PeterNeumann", peter.key)])).toBe(PETER_NOTE);
    expect(signNote(TEXT, [signerOf("PeterNeumann", peter.key), signerOf("EnochRoot", enoch.key)])).toBe(
      `${PETER_NOTE}${enoch.line}`,
    );
  });
});

describe("whose signatures count", () => {
  const both = `${PETER_NOTE}${enoch.line}`;
  /** Well-formed base64 whose last signature byte is another. */
  const failing = enoch.line.replace("+QQ=", "+QU=");

  test("all known ones are named, in the order of their lines", () => {
    expect(openNote(both, known(enoch.vkey, peter.vkey))).toMatchObject({ by: ["PeterNeumann", "EnochRoot"] });
  });

  test("one known is enough; unknown keys are ignored, whatever they wrote", () => {
    expect(openNote(both, known(peter.vkey))).toMatchObject({ text: TEXT, by: ["PeterNeumann"] });
    expect(openNote(`${PETER_NOTE}${failing}`, known(peter.vkey))).toMatchObject({ by: ["PeterNeumann"] });
  });

  test("no known key is a refusal", () => {
    expect(openNote(both, [])).toEqual({ kind: "refused", reason: "no known key signed the note" });
    expect(openNote(both, known(page.vkey))).toMatchObject({ kind: "refused" });
  });

  test.each([`${PETER_NOTE}${failing}`, `${TEXT}\n${failing}${peter.line}`, `${both}${failing}`])(
    "a known key that fails refuses the note that others signed well",
    (note) => {
      expect(openNote(note, known(peter.vkey, enoch.vkey))).toEqual({
        kind: "refused",
        reason: "a signature of the known key EnochRoot does not verify",
      });
    },
  );

  test("a known name with another key ID, or a known key ID with another name, is an unknown key", () => {
    const renamed = PETER_NOTE.replace("— PeterNeumann", "— PeterNewmann");
    const other = PETER_NOTE.replace(" x08go/", " x08gp/");
    expect(openNote(renamed, known(peter.vkey))).toMatchObject({ reason: "no known key signed the note" });
    expect(openNote(other, known(peter.vkey))).toMatchObject({ reason: "no known key signed the note" });
  });

  test("a duplicate signature names its key once", () => {
    expect(openNote(`${PETER_NOTE}${peter.line}`, known(peter.vkey))).toMatchObject({ by: ["PeterNeumann"] });
  });

  test("a verifier given twice names its key once", () => {
    expect(openNote(PETER_NOTE, known(peter.vkey, peter.vkey))).toMatchObject({ by: ["PeterNeumann"] });
  });

  test("of two keys of one name and one key ID, both must have signed", () => {
    const [one] = known(peter.vkey);
    const twin: Verifier = { name: "PeterNeumann", keyId: "c74f20a3", vkey: peter.vkey, verifies: () => false };
    expect(openNote(PETER_NOTE, [...(one === undefined ? [] : [one]), twin])).toMatchObject({ kind: "refused" });
  });

  test("sixteen signatures open, seventeen do not", () => {
    const sixteen = signNote(TEXT, signers.slice(0, 16));
    const [seventeenth = ""] = signNote(TEXT, signers.slice(16))
      .slice(TEXT.length + 1)
      .split("\n");
    expect(openNote(sixteen, verifiersOf(signers))).toMatchObject({ by: signers.slice(0, 16).map(({ name }) => name) });
    expect(openNote(`${sixteen}${seventeenth}\n`, verifiersOf(signers))).toEqual({
      kind: "refused",
      reason: "the note has too many signatures",
    });
  });
});

describe("signNote", () => {
  test.each([
    ["text without a line feed at its end", "text"],
    ["no text", ""],
    ["a carriage return", "a\r\n"],
    ["a tab", "a\tb\n"],
    ["half a surrogate pair", "\ud800\n"],
  ])("throws on %s", (_name, text) => {
    expect(() => signNote(text, first)).toThrow("the text is one of a note");
  });

  test("throws on no signers and on seventeen", () => {
    expect(() => signNote(TEXT, [])).toThrow("1 to 16 signers");
    expect(() => signNote(TEXT, signers)).toThrow("1 to 16 signers");
  });

  test("throws on a signer with the vkey of another", () => {
    const [signer = signerOf("a", keyOf(1))] = first;
    expect(() => signNote(TEXT, [{ ...signer, vkey: peter.vkey }])).toThrow("a signer's vkey");
    expect(() => signNote(TEXT, [{ ...signer, vkey: "" }])).toThrow("a signer's vkey");
  });

  test("writes a note up to the limit, and no larger one", () => {
    const overhead = signNote("\n", first).length;
    const largest = `${"a".repeat(NOTE_BYTES_MAX - Buffer.byteLength(signNote("\n", first)))}\n`;
    expect(overhead).toBeGreaterThan(90);
    expect(openNote(signNote(largest, first), verifiersOf(first))).toMatchObject({ kind: "note", text: largest });
    expect(() => signNote(`a${largest}`, first)).toThrow("at most 262144 bytes");
  });
});

const line = anyString().map((text) => text.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, ""));
const noteText = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => `${lines.join("\n")}\n`);

describe("for any text", () => {
  test("opening what was signed gives the text and the names", () => {
    const some = fc.subarray(signers, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(noteText, some, (text, by) => {
        const names = by.map(({ name }) => name);
        expect(openNote(signNote(text, by), verifiersOf(signers))).toEqual({ kind: "note", text, by: names });
      }),
    );
  });

  test("a note with one byte changed is refused", () => {
    fc.assert(
      fc.property(noteText, fc.nat(), fc.integer({ min: 1, max: 255 }), (text, at, mask) => {
        const bytes = Buffer.from(signNote(text, first));
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ mask;
        expect(openNote(bytes, verifiersOf(first)).kind).toBe("refused");
      }),
    );
  });

  test("a note of two signers with one byte changed never opens with another text", () => {
    const two = [...signers.slice(0, 1), cosignerOf("example.com/w", keyOf(40), 1_800_000_000)];
    fc.assert(
      fc.property(noteText, fc.nat(), fc.integer({ min: 1, max: 255 }), (text, at, mask) => {
        const bytes = Buffer.from(signNote(text, two));
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ mask;
        const opened = openNote(bytes, verifiersOf(two));
        expect(opened.kind === "note" ? [opened.text, opened.by.length] : [text, 1]).toEqual([text, 1]);
      }),
    );
  });
});
