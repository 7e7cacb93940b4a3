/**
 * Who may approve on a desk, from what lies in its folder. A key that was merely put there counts for nothing: its endorsements must lead to the
 * root, the key that the daemon pinned. So whoever can write files, as an agent of the same user can, makes no approver by it.
 */
import type { Sha256 } from "../core/ids.ts";
import { type ApproverKey, approverKeyOf, isApproverName } from "./approver-key.ts";
import { type Endorsement, readEndorsement } from "./endorsement.ts";
import { isSignedBy, type SignedRecord } from "./signed-record.ts";

export type Approver = { readonly name: string; readonly fingerprint: Sha256; readonly publicKey: string };
export type RefusedApprover = { readonly name: string; readonly reason: string };

/** One approver's files as they lie: the public key's text, and the endorsement's bytes where there is one. */
export type FoundApprover = {
  readonly name: string;
  readonly publicKey: string;
  readonly endorsement: Uint8Array | null;
};

/**
 * `unsettled`: no approver counts, and why. `root` is the fingerprint that the chain of everyone in `approvers` leads to; without a pin it
 * is the one to be pinned.
 */
export type Approvers = {
  readonly root: Sha256 | null;
  readonly unsettled: string | null;
  readonly approvers: readonly Approver[];
  readonly refused: readonly RefusedApprover[];
};

/** The pinned root of one desk, kept by the daemon where the folder of the keys does not reach. */
export interface ApproverPins {
  readonly root: () => string | undefined;
  /** The one that a reset took away last. */
  readonly before: () => string | undefined;
  readonly pin: (fingerprint: Sha256) => void;
}

type Candidate = Approver & { readonly key: ApproverKey; readonly endorsed: SignedRecord<Endorsement> };

export function settleApprovers(
  found: readonly FoundApprover[],
  workspace: string,
  pinnedRoot: string | undefined,
): Approvers {
  const read = found.map((each) => candidateOf(each, workspace));
  const candidates = read.flatMap((each) => ("key" in each ? [each] : []));
  const refused: RefusedApprover[] = read.flatMap((each) => ("key" in each ? [] : [each]));
  const roots = candidates.filter(isRoot);
  const root = rootOf(roots, pinnedRoot);
  if (typeof root === "string" || root === null) {
    const reason = root ?? "No approver endorses itself, so no endorsement leads anywhere.";
    return {
      root: null,
      unsettled: found.length === 0 && pinnedRoot === undefined ? null : reason,
      approvers: [],
      refused: [...refused, ...candidates.map(({ name }) => ({ name, reason }))].toSorted(byName),
    };
  }
  const trusted = trustFrom(root, candidates);
  const others = candidates.filter((each) => !trusted.includes(each));
  return {
    root: root.fingerprint,
    unsettled: null,
    approvers: trusted.map(({ name, fingerprint, publicKey }) => ({ name, fingerprint, publicKey })).toSorted(byName),
    refused: [...refused, ...others.map((each) => ({ name: each.name, reason: whyNot(each, trusted) }))].toSorted(
      byName,
    ),
  };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
const isRoot = ({ endorsed, fingerprint }: Candidate): boolean => endorsed.record.by === fingerprint;

/** What the files of one approver amount to before anyone is trusted. */
function candidateOf({ name, publicKey, endorsement }: FoundApprover, workspace: string): Candidate | RefusedApprover {
  const refuse = (reason: string): RefusedApprover => ({ name, reason });
  if (!isApproverName(name)) return refuse("The name is not of the form.");
  const key = approverKeyOf(publicKey);
  if (key === undefined) return refuse(`${name}.pub is not the public key of an Ed25519 pair.`);
  if (endorsement === null) return refuse("Nobody endorsed this key.");
  const endorsed = readEndorsement(endorsement);
  if (endorsed.kind === "malformed") return refuse(`The endorsement cannot be read: ${endorsed.reason}.`);
  const { record } = endorsed;
  if (record.workspace !== workspace) return refuse(`The endorsement is for another desk, ${record.workspace}.`);
  if (record.name !== name || record.fingerprint !== key.fingerprint)
    return refuse("The endorsement is for another name or another key.");
  return { name, fingerprint: key.fingerprint, publicKey, key, endorsed };
}

/** The root, or why there is none; null where no key endorses itself. */
function rootOf(roots: readonly Candidate[], pinnedRoot: string | undefined): Candidate | string | null {
  if (pinnedRoot !== undefined) {
    return (
      roots.find(({ fingerprint }) => fingerprint === pinnedRoot) ??
      `The first approver's key is not the one that this daemon knows (${pinnedRoot}). Nothing is approved until it is back, or a person stops the daemon and runs qoc approver reset.`
    );
  }
  if (roots.length > 1)
    return `More than one approver endorses itself (${roots.map(({ name }) => name).join(", ")}), and none was trusted yet: remove those that are not yours.`;
  return roots[0] ?? null;
}

/** The root and everyone whom it leads to, by signatures that hold. A key counts once, under the name that is reached first. */
function trustFrom(root: Candidate, candidates: readonly Candidate[]): readonly Candidate[] {
  const trusted: Candidate[] = isSignedBy(root.endorsed, root.key) ? [root] : [];
  for (const by of trusted) {
    for (const each of candidates.toSorted(byName)) {
      const isKnown = trusted.some(({ fingerprint }) => fingerprint === each.fingerprint);
      if (!isKnown && each.endorsed.record.by === by.fingerprint && isSignedBy(each.endorsed, by.key))
        trusted.push(each);
    }
  }
  return trusted;
}

function whyNot({ fingerprint, endorsed }: Candidate, trusted: readonly Candidate[]): string {
  const same = trusted.find((each) => each.fingerprint === fingerprint);
  if (same !== undefined) return `The key is ${same.name}'s: one key has one name.`;
  if (endorsed.record.by === fingerprint)
    return "It endorses itself alone, and is not the first approver of this desk.";
  if (trusted.some((each) => each.fingerprint === endorsed.record.by))
    return "The endorsement's signature does not match.";
  return "Its endorsement does not lead to the first approver.";
}
