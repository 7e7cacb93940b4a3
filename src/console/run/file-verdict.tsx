/** One file of evidence: each check, what it claims, what it does not show. */
import type { JSX } from "preact";
import type { CheckShown, FileChecked } from "./check-evidence.ts";
import { Verbatim } from "./panel.tsx";

const ROWS_MAX = 500;
const MARKS: Readonly<Record<CheckShown["state"], string>> = { holds: "✓", fails: "✗", "not checked": "–" };
const GRADES = {
  A: "recomputable from the bytes at hand",
  B: "basis not at hand, or a secret needed",
  C: "no basis",
} as const;

export const FileVerdict = ({ file }: { readonly file: FileChecked }): JSX.Element => (
  <article class="run-file">
    <h3 class={file.ok ? "run-verdict is-good" : "run-verdict is-bad"}>
      {file.ok ? "✓ holds, verified in this browser" : "✗ does not hold"}
    </h3>
    <p>
      <Verbatim text={file.name} />
      {file.kind === "pack" ? ", what a pack keeps of an erased envelope" : ""}: level {file.level}, {file.level_says}
      {file.logged === null ? "" : `; logged as ${file.logged}`}.
    </p>
    <ul class="run-checks">
      {file.checks.map((check) => (
        <li key={check.says} class={`is-${check.state.replace(" ", "-")}`}>
          <span aria-hidden="true">{MARKS[check.state]}</span> {check.says}
          <span class="unseen">: {check.state}</span>
          {check.failures.map((failure) => (
            <span key={failure} class="run-failure">
              <Verbatim text={failure} />
            </span>
          ))}
        </li>
      ))}
    </ul>
    <h4>What it claims</h4>
    <Sentences texts={file.claims.sentences} />
    {file.observations.length === 0 ? null : (
      <details>
        <summary>Observations ({file.observations.length})</summary>
        <Sentences texts={file.observations.map(({ name, grade }) => `${name}: ${grade}, ${GRADES[grade]}`)} />
      </details>
    )}
    <h4>What it does not show</h4>
    <Sentences texts={file.not_proven} />
    {file.claims.redactions.length === 0 ? null : (
      <>
        <h4>What was masked</h4>
        <Sentences texts={file.claims.redactions} />
      </>
    )}
    {file.claims.closed === 0 ? null : (
      <p>{file.claims.closed} of its values are closed: their openings are not in this file.</p>
    )}
  </article>
);

const Sentences = ({ texts }: { readonly texts: readonly string[] }): JSX.Element => (
  <ul>
    {texts.slice(0, ROWS_MAX).map((text, at) => (
      <li key={at}>
        <Verbatim text={text} />
      </li>
    ))}
    {texts.length > ROWS_MAX ? <li>and {texts.length - ROWS_MAX} more</li> : null}
  </ul>
);
