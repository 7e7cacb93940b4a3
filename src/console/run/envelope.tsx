/** The sealed evidence: what it claims and what not, and whether it holds, recomputed in this browser when somebody looks. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RunEvidence } from "../../http/shapes/envelopes.ts";
import type { RunDetail } from "../../http/shapes/runs.ts";
import { ask, type Problem, problemOf } from "../api.ts";
import { Copy, Empty, Fault } from "../parts.tsx";
import type { EvidenceChecked } from "./check-evidence.ts";
import { FileVerdict } from "./file-verdict.tsx";
import { Panel } from "./panel.tsx";
import { runPath } from "./use-run.ts";

type EnvelopeProps = {
  readonly run: RunDetail;
  /** How often a key asked to verify. */
  readonly asked: number;
};

type State =
  | { readonly kind: "closed" }
  | { readonly kind: "working" }
  | { readonly kind: "checked"; readonly checked: EvidenceChecked; readonly evidence: RunEvidence }
  | { readonly kind: "fault"; readonly problem: Problem };

export function Envelope({ run, asked }: EnvelopeProps): JSX.Element {
  const [state, setState] = useState<State>({ kind: "closed" });
  const latest = useRef(0);
  const isSealed = run.envelope !== null || run.erased !== null;
  const verify = async (): Promise<void> => {
    latest.current += 1;
    const turn = latest.current;
    setState({ kind: "working" });
    try {
      const [{ checkEvidence }, evidence] = await Promise.all([
        import("./check-evidence.ts"),
        ask<RunEvidence>(runPath(run.run, "/evidence")),
      ]);
      const checked = await checkEvidence(evidence);
      if (turn === latest.current) setState({ kind: "checked", checked, evidence });
    } catch (thrown) {
      if (turn === latest.current) setState({ kind: "fault", problem: problemOf(thrown) });
    }
  };
  useEffect(() => {
    if (asked > 0 || location.hash === "#envelope")
      document.getElementById("envelope")?.scrollIntoView({ block: "start" });
    if (asked > 0 && isSealed) void verify();
  }, [asked]);
  // Another amendment, or the erasure, makes another evidence: the old verdict is not shown for it.
  useEffect(() => {
    latest.current += 1;
    setState({ kind: "closed" });
  }, [run.run, run.envelope, run.erased === null, run.journal.length]);
  if (!isSealed)
    return (
      <Panel id="envelope" title="Envelope">
        <Empty title="Not sealed yet." why="A run is sealed when it ends: then its evidence is here to verify." />
      </Panel>
    );
  return (
    <Panel id="envelope" title="Envelope">
      {run.envelope === null ? null : (
        <p class="run-line">
          <code>
            <bdi>{run.envelope}</bdi>
          </code>{" "}
          <Copy text={run.envelope} what="the envelope's file" />
        </p>
      )}
      {state.kind === "closed" ? (
        <p>
          <button type="button" onClick={() => void verify()}>
            Verify in this browser
          </button>{" "}
          <span class="run-quiet">recomputes every hash and signature here</span>
        </p>
      ) : null}
      {state.kind === "working" ? <p role="status">Verifying…</p> : null}
      {state.kind === "fault" ? <Fault problem={state.problem} retry={() => void verify()} /> : null}
      {state.kind === "checked" ? <Verdict {...state} /> : null}
    </Panel>
  );
}

type VerdictProps = { readonly checked: EvidenceChecked; readonly evidence: RunEvidence };

const Verdict = ({ checked, evidence }: VerdictProps): JSX.Element =>
  checked.kind === "unable" ? (
    <p class="run-notice is-bad">{checked.says}</p>
  ) : (
    <div role="status">
      {checked.files.map((file) => (
        <FileVerdict key={file.name} file={file} />
      ))}
      <h3>Whose key this was checked with</h3>
      <p>
        The key came from the same daemon as the envelope ({evidence.keys.map(({ name }) => name).join(", ") || "none"}
        ), so this shows that nothing was changed since it was sealed, and not who sealed it. For that, verify with a
        key that you got another way:
      </p>
      <p>
        <Copy text={evidence.command} what="the command that verifies it" shown />
      </p>
      <p class="run-quiet">
        The file <code>verify.html</code> of the package does the same without a daemon, from a folder.
      </p>
    </div>
  );
