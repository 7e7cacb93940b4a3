/** A part of the page of a run, with its heading. */
import type { ComponentChildren, JSX } from "preact";
import type { Field } from "../../http/shapes/values.ts";
import { visible } from "../../core/visible.ts";
import { cutTo } from "../words.ts";

type PanelProps = {
  readonly id: string;
  readonly title: string;
  /** Beside the heading. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
};

export const Panel = ({ id, title, aside, children }: PanelProps): JSX.Element => (
  <section class="run-panel" id={id} aria-labelledby={`${id}-title`}>
    <header class="run-panel-head">
      <h2 id={`${id}-title`}>{title}</h2>
      {aside}
    </header>
    {children}
  </section>
);

/** Characters of a text that are shown before somebody asks for the rest. */
const LONG_FROM = 600;
const SUMMARY_LENGTH = 160;

/** A text from outside, every character of it, in its own direction. */
export const Verbatim = ({ text }: { readonly text: string }): JSX.Element => (
  <bdi class="verbatim">{visible(text)}</bdi>
);

/** The same. Of a very long one the beginning, until somebody opens it. */
export const Long = ({ text }: { readonly text: string }): JSX.Element =>
  text.length <= LONG_FROM ? (
    <Verbatim text={text} />
  ) : (
    <details class="run-long">
      <summary>
        <Verbatim text={cutTo(text, SUMMARY_LENGTH)} />{" "}
        <span class="run-quiet">({text.length.toLocaleString("en")} characters)</span>
      </summary>
      <Verbatim text={text} />
    </details>
  );

/** Names and values as texts, verbatim, each in its own direction. */
export const Fields = ({
  fields,
  changed,
  label,
  whole = false,
}: {
  readonly fields: readonly Field[];
  readonly changed?: ReadonlySet<string>;
  readonly label: string;
  /** For what a person decides over: no value is folded and no row scrolled out of sight. */
  readonly whole?: boolean;
}): JSX.Element => (
  <div class={whole ? "run-fields is-whole" : "run-fields"} role="region" aria-label={label} tabIndex={0}>
    <table>
      <tbody>
        {fields.map(([name, value], at) => (
          <tr key={at} class={changed?.has(name) === true ? "is-changed" : undefined}>
            <th scope="row">
              <Verbatim text={name} />
              {changed?.has(name) === true ? <span class="run-mark"> changed</span> : null}
            </th>
            <td>{whole ? <Verbatim text={value} /> : <Long text={value} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
