/** The scan of what an export would open. It finds forms that are known, and proves nothing about what it does not find. */
import type { IJsonValue } from "../../core/json.ts";
import { holdsJwt, holdsRandomSecret, namesSecret, secretForms } from "./secret-forms.ts";

/** A leaf that looks like a secret: where it stands and what it looks like, never what it is. */
export type Suspect = {
  readonly pointer: string;
  readonly form: string;
  /** The id of the observation that the leaf belongs to. */
  readonly observation: string | null;
};

/**
 * @param opened each leaf that would be opened
 * @param nameBeside the text of the `name` beside a `value`, opened or not: a header called Authorization makes a secret of its value
 * @param closedHashes SHA-256 of artifacts that stay closed, in hex: whoever has one can confirm a guess at the bytes
 */
export function scan(
  opened: ReadonlyMap<string, IJsonValue>,
  nameBeside: (pointer: string) => string | undefined,
  closedHashes: readonly string[],
): readonly Suspect[] {
  const spelt = closedHashes.flatMap(spellingsOf);
  const found: Suspect[] = [];
  for (const [pointer, value] of opened) {
    if (typeof value !== "string") continue;
    const form = formIn(value, namesSecret(`${nameBeside(pointer) ?? ""} ${lastName(pointer)}`), spelt);
    if (form !== undefined) found.push({ pointer, form, observation: observationOf(pointer) });
  }
  return found.toSorted((a, b) => (a.pointer < b.pointer ? -1 : 1));
}

function formIn(text: string, named: boolean, spelt: readonly Spelling[]): string | undefined {
  const known = secretForms.find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return known.name;
  if (holdsJwt(text)) return "jwt";
  if (holdsRandomSecret(text, named)) return "random_text";
  const lower = text.toLowerCase();
  const closed = spelt.some(({ hex, base64, base64url }) =>
    lower.includes(hex) ? true : text.includes(base64) || text.includes(base64url),
  );
  return closed ? "hash_of_closed_artifact" : undefined;
}

type Spelling = { readonly hex: string; readonly base64: string; readonly base64url: string };

function spellingsOf(hex: string): readonly Spelling[] {
  const bytes = Buffer.from(hex, "hex");
  return [{ hex, base64: bytes.toString("base64").replace(/=+$/, ""), base64url: bytes.toString("base64url") }];
}

/** The last part of a pointer that is no index. */
const lastName = (pointer: string): string => pointer.split("/").findLast((part) => !/^[0-9]*$/.test(part)) ?? "";

function observationOf(pointer: string): string | null {
  const index = /^\/observations\/([0-9]+)\//.exec(pointer)?.[1];
  return index === undefined ? null : `o${Number(index) + 1}`;
}
