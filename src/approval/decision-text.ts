/**
 * The one text of a decision, and the bytes that are signed of it. Apart from `decision.ts`, which reads strictly with a parser of shapes: the
 * console signs in the browser, where that parser does not go.
 */
import { canonical } from "../core/canonical.ts";
import { preAuthEncoding, writeSigned } from "../evidence/dsse.ts";
import { utf8 } from "../evidence/platform.ts";
import { DECISION_TYPE, type DecisionWord } from "./decision-words.ts";

/** `at`: when it was signed, by the clock of the one who signed, ISO 8601 in UTC with milliseconds. */
export type DecisionText = {
  readonly workspace: string;
  readonly run: string;
  readonly draft: number;
  readonly digest: string;
  readonly decision: DecisionWord;
  readonly reason: string;
  readonly approver: string;
  readonly at: string;
};

const payloadOf = (decision: DecisionText): Uint8Array => utf8(canonical({ schema: "qoc.decision/v1", ...decision }));

/** For a signer that answers later; `decisionSigned` puts its answer into the artifact. */
export const bytesToSign = (decision: DecisionText): Uint8Array => preAuthEncoding(payloadOf(decision), DECISION_TYPE);

/** The bytes of the artifact. `keyid`: the fingerprint of the key that made `sig`. */
export const decisionSigned = (decision: DecisionText, keyid: string, sig: Uint8Array): Uint8Array =>
  utf8(writeSigned({ payload: payloadOf(decision), payloadType: DECISION_TYPE, keyid, sig }));
