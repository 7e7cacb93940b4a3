/** Rules for `[[evidence.witness]]`: what a witness is must be beyond doubt, because its word is what others rely on. */
import type { TomlTable } from "smol-toml";
import { isCosigner, readVkey } from "../evidence/log/note.ts";
import { forms, isLoopback } from "./forms.ts";
import { isTable } from "./layers.ts";
import { aboutValue, type Finding } from "./problem.ts";
import type { Path } from "./toml-locator.ts";

export function witnessContradictions(evidence: TomlTable): readonly Finding[] {
  const all = Array.isArray(evidence["witness"]) ? evidence["witness"].filter(isTable) : [];
  const names = all.map(({ key }) => nameOf(key));
  return all.flatMap(({ url, key }, i) => {
    const path: Path = ["evidence", "witness", i];
    const isTwice = names[i] !== undefined && names.indexOf(names[i]) < i;
    return [
      ...urlOf(url, [...path, "url"]),
      ...keyOf(key, [...path, "key"]),
      ...(isTwice ? [aboutValue([...path, "key"], "is of a name that another witness has")] : []),
    ];
  });
}

const nameOf = (key: unknown): string | undefined => (typeof key === "string" ? readVkey(key)?.name : undefined);

/** What is asked and answered is signed, but whoever listens on the way could keep it from arriving. */
function urlOf(url: unknown, path: Path): readonly Finding[] {
  if (typeof url !== "string" || !forms.url.pattern.test(url) || !URL.canParse(url)) return [];
  const { protocol, hostname, search, hash } = new URL(url);
  if (protocol !== "https:" && !isLoopback(hostname))
    return [aboutValue(path, "must be https, or http on this machine")];
  return search === "" && hash === "" ? [] : [aboutValue(path, "must end before any ? or #")];
}

function keyOf(key: unknown, path: Path): readonly Finding[] {
  if (typeof key !== "string" || !forms.witnessKey.pattern.test(key)) return [];
  const verifier = readVkey(key);
  if (verifier === undefined) return [aboutValue(path, "is no vkey: its parts do not belong together")];
  return isCosigner(verifier) ? [] : [aboutValue(path, "is the vkey of a log; qoc witness init prints a witness's")];
}
