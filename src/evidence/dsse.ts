/** The signature: DSSE v1 round an in-toto Statement v1. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
import { quote } from "../core/canonical.ts";
import { base64, concat, utf8 } from "./platform.ts";

export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** What makes signatures. `sign` gives the 64 bytes of an Ed25519 signature, the same ones for the same bytes. */
export type Signer = { readonly keyid: string; readonly sign: (bytes: Uint8Array) => Uint8Array };

/** DSSE's pre-authentication encoding: the bytes that are signed. */
export const preAuthEncoding = (payload: Uint8Array): Uint8Array =>
  concat(utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload);

/** The canonical text of the in-toto Statement over a seal. `seal` and `links` are canonical texts. */
export const writeStatement = (evidenceId: string, sealHash: string, seal: string, links: readonly string[]): string =>
  `{"_type":"https://in-toto.io/Statement/v1",` +
  `"predicate":{"hash_chain":[${links.join(",")}],"seal":${seal}},` +
  `"predicateType":"urn:qoc:evidence:v1",` +
  `"subject":[{"digest":{"sha256":"${sealHash}"},"name":${quote(`urn:qoc:evidence:${evidenceId}`)}}]}`;

/** The canonical text of the signed DSSE envelope. */
export function signStatement(statement: string, signer: Signer): string {
  const payload = utf8(statement);
  const sig = base64(signer.sign(preAuthEncoding(payload)));
  return (
    `{"payload":"${base64(payload)}","payloadType":"${PAYLOAD_TYPE}",` +
    `"signatures":[{"keyid":${quote(signer.keyid)},"sig":"${sig}"}]}`
  );
}
