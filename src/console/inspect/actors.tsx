/** The actors that the page knows of: a list to choose from. */
import type { JSX } from "preact";
import { Foreign } from "../parts.tsx";
import type { ActorSeen } from "./book.ts";

type ActorsProps = {
  readonly actors: readonly ActorSeen[];
  readonly chosen: string | null;
  readonly choose: (actor: string | null) => void;
};

/** More are found by looking at one run. */
const SHOWN_MAX = 400;

export function Actors({ actors, chosen, choose }: ActorsProps): JSX.Element {
  const newest = actors.slice(-SHOWN_MAX).toReversed();
  return (
    <section class="inspect-actors" aria-labelledby="inspect-actors-title">
      <h2 id="inspect-actors-title">Actors</h2>
      <ul>
        <li>
          <button type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>
            all of them
          </button>
        </li>
        {newest.map(({ actor, name, state }) => (
          <li key={actor}>
            <button type="button" aria-pressed={chosen === actor} onClick={() => choose(actor)} title={actor}>
              <span class="inspect-name">
                <Foreign text={name} />
              </span>
              <code>
                <Foreign text={actor} />
              </code>
              <span class="inspect-state">
                <Foreign text={state} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {actors.length > SHOWN_MAX ? <p>{actors.length - SHOWN_MAX} older ones are not listed.</p> : null}
    </section>
  );
}
