import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NOTE_BYTES_MAX, openNote, readVkey, signerOf, signNote } from "../../../../src/evidence/log/note.ts";
import { anyString, arche, keyOf, peter, PETER_NOTE, TEXT } from "./note-vectors.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const verifiers = [peter.vkey, arche.witness].map(readVkey).filter((verifier) => verifier !== undefined);
const reasonOf = (note: string | Uint8Array): string => {
  const opened = openNote(note, verifiers);
  return opened.kind === "refused" ? opened.reason : `opened: ${opened.by.join()}`;
};
const unknown = signNote("text\n", [signerOf("example.com/unknown", keyOf(1))]).slice("text\n\n".length);
const sig = unknown.split(" ")[2]?.trim() ?? "";

describe("a note is refused", () => {
  test.each([
    ["of nothing", "", "the note does not end with a line feed"],
    ["of a line feed", "\n", "the note has no empty line above its signatures"],
    ["of text alone", TEXT, "the note has no empty line above its signatures"],
    ["without signatures", `${TEXT}\n`, "a signature line is malformed"],
    ["without text", peter.line, "the note has no empty line above its signatures"],
    ["without its last line feed", PETER_NOTE.slice(0, -1), "the note does not end with a line feed"],
    ["with one line feed too many", `${PETER_NOTE}\n`, "a signature line is malformed"],
    ["with CRLF", PETER_NOTE.replaceAll("\n", "\r\n"), "the note has a control character"],
    ["with a carriage return at its end", `${PETER_NOTE.slice(0, -1)}\r\n`, "the note has a control character"],
    ["with a tab", `\t${PETER_NOTE}`, "the note has a control character"],
    ["with a NUL", `\0${PETER_NOTE}`, "the note has a control character"],
    ["with half a surrogate pair", `\ud800${PETER_NOTE}`, "the note is not UTF-8"],
    ["with text below the signatures", `${PETER_NOTE}Unexpected line.\n`, "a signature line is malformed"],
    ["with text behind a signature", PETER_NOTE.replace(/=\n$/, "= x\n"), "a signature line is malformed"],
    ["with a blank behind a signature", PETER_NOTE.replace(/=\n$/, "= \n"), "a signature line is malformed"],
    ["with a second empty line below the text", PETER_NOTE.replace("\n\n", "\n\n\n"), "does not verify"],
    ["with a megabyte of text", `${"a".repeat(1024 * 1024)}\n${PETER_NOTE}`, "the note is too large"],
    ["with a megabyte of signatures", PETER_NOTE + peter.line.repeat(9000), "the note is too large"],
    ["that is too large in bytes alone", `${"é".repeat(NOTE_BYTES_MAX / 2)}\n${PETER_NOTE}`, "the note is too large"],
    ["of line feeds", "\n".repeat(NOTE_BYTES_MAX), "a signature line is malformed"],
  ])("%s", (_name, note, reason) => {
    expect(reasonOf(note)).toContain(reason);
    expect(reasonOf(Buffer.from(note))).toContain(note.includes("\ud800") ? "does not verify" : reason);
  });

  test.each([
    ["an ÿ in Latin-1", Buffer.concat([Buffer.of(0xff), Buffer.from(PETER_NOTE)])],
    ["an overlong line feed", Buffer.concat([Buffer.of(0xc0, 0x8a), Buffer.from(PETER_NOTE)])],
    ["a surrogate as three bytes", Buffer.concat([Buffer.of(0xed, 0xa0, 0x80), Buffer.from(PETER_NOTE)])],
    ["UTF-16", Buffer.from(PETER_NOTE, "utf16le")],
  ])("whose bytes are no UTF-8: %s", (_name, note) => {
    expect(["the note is not UTF-8", "the note has a control character"]).toContain(reasonOf(note));
  });

  test("behind a byte order mark, which is a character that nobody signed", () => {
    expect(reasonOf(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(PETER_NOTE)]))).toContain("not verify");
  });
});

describe("one malformed line refuses a note that a known key signed", () => {
  test.each([
    ["empty but for a dash", "— "],
    ["without a signature", "— example.com/unknown"],
    ["with an empty signature", "— example.com/unknown "],
    ["without a name", `— ${sig}`],
    ["with an empty name", `—  ${sig}`],
    ["with a blank in the name", `— Bad Name ${sig}`],
    ["with a no-break space in the name", `— Bad\u00a0Name ${sig}`],
    ["with an ideographic space in the name", `— Bad\u3000Name ${sig}`],
    ["with a plus in the name", `— Bad+Name ${sig}`],
    ["with two blanks before the signature", `— Name  ${sig}`],
    ["with a hyphen for the dash", `- Name ${sig}`],
    ["with an en dash", `– Name ${sig}`],
    ["with a horizontal bar", `― Name ${sig}`],
    ["with no blank behind the dash", `—Name ${sig}`],
    ["with a no-break space behind the dash", `—\u00a0Name ${sig}`],
    ["with a blank before the dash", ` — Name ${sig}`],
    ["without padding", `— Name ${sig.replaceAll("=", "")}`],
    ["with too much padding", `— Name ${sig}=`],
    ["with base64url", `— Name ${Buffer.alloc(69, 255).toString("base64url")}`],
    ["with bits in its padding", `— Name ${Buffer.alloc(68).toString("base64").replace("A=", "B=")}`],
    ["with a character that is not base64", `— Name ${sig.slice(0, 8)}!${sig.slice(8)}`],
    ["with a key ID and no signature", `— Name ${Buffer.alloc(4, 1).toString("base64")}`],
    ["with less than a key ID", `— Name ${Buffer.alloc(3, 1).toString("base64")}`],
  ])("%s", (_name, malformed) => {
    expect(reasonOf(`${PETER_NOTE}${malformed}\n`)).toBe("a signature line is malformed");
    expect(reasonOf(`${TEXT}\n${malformed}\n${peter.line}`)).toBe("a signature line is malformed");
  });

  test("while a well-formed one of an unknown key is passed over", () => {
    expect(reasonOf(`${PETER_NOTE}— Name ${sig}\n`)).toBe("opened: PeterNeumann");
    expect(reasonOf(`${PETER_NOTE}— Ná/me— ${Buffer.alloc(5).toString("base64")}\n`)).toBe("opened: PeterNeumann");
    expect(reasonOf(`${PETER_NOTE}— Name ${Buffer.alloc(4900, 1).toString("base64")}\n`)).toBe("opened: PeterNeumann");
  });
});

describe("text that looks like a note's other parts", () => {
  const signer = signerOf("PeterNeumann", peter.key);
  test.each([
    ["two empty lines in a row", "a\n\n\nb\n"],
    ["empty lines at its end", "a\n\n\n"],
    ["empty lines at its head", "\n\na\n"],
    ["an empty line alone", "\n"],
    ["a whole note", PETER_NOTE],
    ["signature lines", `${peter.line}${unknown}`],
    ["a malformed signature line", "a\n\n— nobody\n"],
    ["a byte order mark", "\ufeffa\n"],
    ["line separators of other alphabets", "a\u0085b\u2028c\u2029d\u007f\n"],
  ])("stays text: %s", (_name, text) => {
    expect(openNote(signNote(text, [signer]), verifiers)).toEqual({ kind: "note", text, by: ["PeterNeumann"] });
  });
});

describe("a published note", () => {
  const bytes = Buffer.from(PETER_NOTE);

  test("is refused with any one bit turned", () => {
    const opened = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return openNote(changed, verifiers).kind;
    });
    expect(opened).toEqual(Array.from({ length: bytes.length * 8 }, () => "refused"));
  });

  test("is refused with any one byte left out, doubled or cut off behind", () => {
    const places = Array.from(bytes.keys());
    const changed = places.flatMap((at) => [
      Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
      Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)]),
      bytes.subarray(0, at),
    ]);
    expect(changed.filter((note) => openNote(note, verifiers).kind !== "refused" && !note.equals(bytes))).toEqual([]);
    expect(changed.filter((note) => note.equals(bytes))).toEqual([]);
  });

  test("is opened as it stands", () => expect(reasonOf(bytes)).toBe("opened: PeterNeumann"));
});

describe("anything at all gets a verdict", () => {
  const part = fc.constantFrom(
    "\n",
    "\n\n",
    "— ",
    "—",
    " ",
    "PeterNeumann",
    "remora.n621.de",
    sig,
    TEXT,
    peter.line,
    "=",
  );
  test("any string", () => {
    const strings = fc.oneof(
      anyString(),
      fc.array(part).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(strings, (note) => {
        expect(["note", "refused"]).toContain(openNote(note, verifiers).kind);
      }),
    );
  });

  test("any bytes: none opens", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (note) => {
        expect(openNote(note, verifiers).kind).toBe("refused");
      }),
    );
  });

  test("signatures of any length by known keys are refused, not thrown at", () => {
    fc.assert(
      fc.property(fc.constantFrom(...verifiers), fc.uint8Array({ minLength: 1, maxLength: 90 }), (by, signature) => {
        const blob = Buffer.concat([Buffer.from(by.keyId, "hex"), signature]).toString("base64");
        expect(reasonOf(`${TEXT}\n— ${by.name} ${blob}\n`)).toContain("does not verify");
      }),
    );
  });

  test("any text as a vkey", () => {
    const vkeys = fc.oneof(anyString(), fc.array(fc.constantFrom("+", "a", "c74f20a3", sig)));
    fc.assert(
      fc.property(vkeys, (parts) => {
        expect(readVkey([parts].flat().join(""))).toBeUndefined();
      }),
    );
  });
});
