/** What an envelope claims, in words, from its own leaves. Whether any of it holds is the verifier's to say. Pure. */

/** A leaf: `value` is canonical JSON, undefined for one that is closed. */
export type Leaf = { readonly pointer: string; readonly value: string | undefined };
export type Claims = {
  readonly sentences: readonly string[];
  /** Each rule that masked something, with where and how often. */
  readonly redactions: readonly string[];
  readonly closed: number;
};

export const SHOWN_MAX = 200;

export function claimsOf(leaves: readonly Leaf[]): Claims {
  const values = new Map(leaves.map(({ pointer, value }) => [pointer, value]));
  const said = (pointer: string): string | null => wordOf(values.get(pointer));
  const count = (list: string): number => itemsOf(leaves, list).length;
  // Of a file that could not be read nothing is claimed.
  if (leaves.length === 0) return { sentences: [], redactions: [], closed: 0 };
  const outcome = said("/execution/outcome");
  return {
    sentences: [
      ...(outcome === null
        ? []
        : [`The run ended ${outcome}, at ${said("/generated_at") ?? "a time that is closed"}.`]),
      ...triggerSentence(said),
      ...(said("/intent/task") === null ? [] : [`Its task was ${said("/intent/task")}.`]),
      ...(said("/intent/statement") === null ? [] : [`It says what was to be done: ${said("/intent/statement")}`]),
      ...subjectSentence(said),
      `It names ${plural(count("/artifacts"), "artifact")} by SHA-256, ${plural(count("/execution/steps"), "step")} and ${plural(count("/observations"), "observation")}.`,
    ],
    redactions: itemsOf(leaves, "/redactions")
      .slice(0, SHOWN_MAX)
      .map((at) => {
        const of = (name: string): string => said(`/redactions/${at}/${name}`) ?? "?";
        return `${of("rule_id")} masked ${of("match_count")} at ${of("path")} (${of("match_type")})`;
      }),
    closed: leaves.filter(({ value }) => value === undefined).length,
  };
}

type Said = (pointer: string) => string | null;

function triggerSentence(said: Said): readonly string[] {
  const kind = said("/intent/trigger/kind");
  if (kind === null) return [];
  const [webhook, workspace] = [said("/intent/trigger/webhook") ?? "?", said("/intent/trigger/workspace") ?? "?"];
  if (kind !== "webhook")
    return [`It was begun by ${kind === "agent" ? "another run's agent" : "a person"}, in ${workspace}.`];
  const event = said("/intent/trigger/event_type");
  const by = said("/intent/trigger/provider");
  const what = [by === null ? "" : `from ${by}`, event === null ? "" : `event ${event}`].filter((text) => text !== "");
  return [
    `It was begun by a delivery to ${webhook} of ${workspace}${what.length === 0 ? "" : ` (${what.join(", ")})`}.`,
  ];
}

function subjectSentence(said: Said): readonly string[] {
  const [kind, id] = [said("/subject/kind"), said("/subject/id")];
  if (kind === null || id === null) return [];
  const anchored =
    said("/subject/anchored") === "true"
      ? "anchored to a commit that cannot change"
      : "not anchored to a state of code that cannot change";
  return [`It is about ${kind} ${id}, ${anchored}.`];
}

/** The positions of a list that has any leaf, in order. */
function itemsOf(leaves: readonly Leaf[], list: string): readonly string[] {
  const found = new Set<string>();
  for (const { pointer } of leaves) {
    if (!pointer.startsWith(`${list}/`)) continue;
    const [position = ""] = pointer.slice(list.length + 1).split("/");
    found.add(position);
  }
  return [...found];
}

/** A text as it is, anything else as it is written; null for what is null, closed or not there. */
function wordOf(canonical: string | undefined): string | null {
  if (canonical === undefined || canonical === "null") return null;
  if (!canonical.startsWith('"')) return canonical;
  const text: unknown = JSON.parse(canonical);
  return typeof text === "string" ? text : canonical;
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
