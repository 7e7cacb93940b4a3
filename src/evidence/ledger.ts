/** What the entries of a journal add to a document: artifacts, observations and steps, each with an id of ours. */
import { assert } from "../core/assert.ts";
import type { ArtifactRef, ExecutionStep, Json, Observation } from "../core/observation.ts";
import { Known } from "./draft.ts";
import { artifactsIn, isoOf, stepIn, type SealInput, type Transition } from "./journal.ts";

export class Ledger {
  readonly artifacts: Known[] = [];
  readonly observations: Known[] = [];
  readonly steps: Known[] = [];
  /** The names of the observations, in their order. */
  readonly observed: string[] = [];
  readonly #refs: ReadonlyMap<string, ArtifactRef>;
  readonly #ids = new Map<string, string>();

  constructor({ birth, entries, amends }: SealInput) {
    const named = [birth.request, birth.headers, ...entries.flatMap(({ data }) => artifactsIn(data))];
    this.#refs = new Map(named.toReversed().map((ref) => [ref.sha256, ref]));
    if (amends === null) for (const { sha256 } of [birth.request, birth.headers]) this.#artifact(0, sha256);
    for (const [link, entry] of entries.entries()) this.#take(link, entry);
  }

  #take(link: number, entry: Transition): void {
    for (const { sha256 } of artifactsIn(entry.data)) this.#artifact(link, sha256);
    for (const observation of entry.observations) this.#observe(link, entry, observation);
    const step = stepIn(entry);
    if (step !== undefined) this.#step(link, step);
  }

  /** The id of an artifact: given in the order of first appearance, whether it is named or only rested on. */
  #artifact(link: number, sha256: string): string {
    const known = this.#ids.get(sha256);
    if (known !== undefined) return known;
    const ref = this.#refs.get(sha256);
    assert(ref !== undefined, `the journal names the artifact ${sha256} that it rests on`);
    const id = `a${this.#ids.size + 1}`;
    this.#ids.set(sha256, id);
    const { kind, media_type, bytes } = ref;
    const content_uri = `urn:sha256:${sha256}`;
    const value = { id, kind, media_type, bytes, sha256, content_uri, location_hints: [], class: ref.class };
    this.artifacts.push(new Known(link, value));
    return id;
  }

  #observe(link: number, { at, to }: Transition, { name, value, basis }: Observation): void {
    this.observed.push(name);
    this.observations.push(
      new Known(link, {
        id: `o${this.observed.length}`,
        name,
        value: withoutNames(value),
        at: isoOf(at),
        state: to,
        basis_artifact_ids: basis.map((sha256) => this.#artifact(link, sha256)),
      }),
    );
  }

  #step(link: number, { artifacts, ...step }: ExecutionStep): void {
    const artifact_ids = artifacts.map((sha256) => this.#artifact(link, sha256));
    this.steps.push(new Known(link, { id: `s${this.steps.length + 1}`, ...step, artifact_ids }));
  }
}

/** Names inside an observed value may be a sender's. They become values, so that no pointer holds one. */
function withoutNames(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(withoutNames);
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => ({ name, value: withoutNames(part) }));
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);
