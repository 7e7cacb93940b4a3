/** Which committed leaves a pack opens. Deny by default: what no line here names stays closed. */

export type PublicPolicy = {
  /** Patterns of JSON Pointers to leaves; a part that is `*` stands for any one index. A pattern opens no more than it spells out. */
  readonly pointers: readonly string[];
  /** Kinds of artifacts all of whose leaves are opened, their hashes too. */
  readonly artifact_kinds: readonly string[];
};

/**
 * Opened whatever the policy says, because the signed statement tells them anyway: `sealed_at` is the document's time, the
 * `origin` ends in the workspace, and the genesis is a hash of what is amended. A receipt for one of them would hide nothing.
 */
const TOLD = /^\/(?:generated_at|intent\/trigger\/workspace)$/;
/** Without these nobody could recompute the genesis. */
export const isOfGenesis = (pointer: string): boolean => pointer === "/amends" || pointer.startsWith("/amends/");

const OF_ARTIFACT = /^\/artifacts\/([0-9]+)\//;
const INDEX = /^(?:0|[1-9][0-9]*)$/;

/** `kindOf` gives the kind of the artifact at an index. */
export function openerOf(
  policy: PublicPolicy,
  kindOf: (index: number) => string | undefined,
): (pointer: string) => boolean {
  const patterns = policy.pointers.map((pattern) => pattern.split("/"));
  const kinds = new Set(policy.artifact_kinds);
  return (pointer) => {
    if (TOLD.test(pointer) || isOfGenesis(pointer)) return true;
    const artifact = OF_ARTIFACT.exec(pointer)?.[1];
    const kind = artifact === undefined ? undefined : kindOf(Number(artifact));
    if (kind !== undefined && kinds.has(kind)) return true;
    const parts = pointer.split("/");
    return patterns.some(
      (pattern) =>
        pattern.length === parts.length &&
        pattern.every((wanted, i) => wanted === parts[i] || (wanted === "*" && INDEX.test(parts[i] ?? ""))),
    );
  };
}
