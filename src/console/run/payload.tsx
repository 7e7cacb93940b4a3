/** The delivery as it came, beside what was made of it. Nothing here is parsed: what is shown is what was received. */
import type { JSX } from "preact";
import type { DeliveryShown } from "../../http/shapes/run-page.ts";
import type { Field } from "../../http/shapes/values.ts";
import { Copy } from "../parts.tsx";
import { visible } from "../../core/visible.ts";
import { Fields, Panel, Verbatim } from "./panel.tsx";
import { short } from "./rows.ts";

type PayloadProps = {
  readonly delivery: DeliveryShown;
  /** As of a row of the journal; null for now. */
  readonly past: readonly Field[] | null;
};

export const Payload = ({ delivery, past }: PayloadProps): JSX.Element => (
  <div class="run-two">
    <Panel id="payload" title="Payload as received">
      <BodyFacts delivery={delivery} />
      <BodyText delivery={delivery} />
      <details>
        <summary>Headers as received ({delivery.headers.length})</summary>
        <Fields fields={delivery.headers} label="headers" />
      </details>
    </Panel>
    <div>
      <Panel id="facts" title={past === null ? "What it says" : "What was known by then"}>
        {(past ?? delivery.facts).length === 0 ? (
          <p>Nothing yet: the payload was not read by then.</p>
        ) : (
          <Fields fields={past ?? delivery.facts} label="facts" />
        )}
      </Panel>
      <Signature signature={delivery.signature} />
    </div>
  </div>
);

const BodyFacts = ({ delivery: { body } }: { readonly delivery: DeliveryShown }): JSX.Element => (
  <p class="run-line">
    <Verbatim text={body.media_type} />, {body.bytes.toLocaleString("en")} bytes, SHA-256{" "}
    <code title={body.sha256}>{short(body.sha256)}</code> <Copy text={body.sha256} what="the payload's hash" />
  </p>
);

function BodyText({ delivery: { body } }: { readonly delivery: DeliveryShown }): JSX.Element {
  return (
    <>
      {body.filtered ? (
        <p class="run-notice">
          Values were masked before this was stored, by the webhook's rules. The signature was checked over the bytes as
          they came.
        </p>
      ) : null}
      {body.text === null ? (
        <p>
          <bdi>{body.because ?? "There is no text to show: only its hash is."}</bdi>
        </p>
      ) : (
        <pre class="run-body" tabIndex={0} role="region" aria-label="payload" dir="ltr">
          {visible(body.text)}
        </pre>
      )}
      {body.cut ? <p>The first 256 KiB of {body.bytes.toLocaleString("en")} bytes.</p> : null}
    </>
  );
}

const Signature = ({ signature }: { readonly signature: DeliveryShown["signature"] }): JSX.Element => (
  <Panel id="signature" title="Signature">
    <p class={signature.verified ? "run-verdict is-good" : "run-verdict is-bad"}>
      {signature.verified ? "✓ verified" : "✗ not verified"}
      {signature.scheme === null ? "" : `, ${signature.scheme}`}
      {signature.secret === null ? "" : `, secret ${signature.secret} of the webhook`}
    </p>
    <p>
      <bdi>{signature.says}</bdi>
    </p>
    <p class="run-quiet">
      A signature shows that whoever sent this knew the secret, and that these bytes are what was signed. It does not
      show that what they say is true, nor who else knows the secret.
    </p>
  </Panel>
);
