/** The signature: DSSE v1 round an in-toto Statement v1. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
import { quote } from "../core/canonical.ts";
import { base64, concat, utf8 } from "./platform.ts";

export const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** What makes signatures. `sign` gives the 64 bytes of an Ed25519 signature, the same ones for the same bytes. */
export type Signer = { readonly keyid: string; readonly sign: (bytes: Uint8Array) => Uint8Array };

/** DSSE's pre-authentication encoding: the bytes that are signed. A payload type of ours is ASCII. */
export const preAuthEncoding = (payload: Uint8Array, payloadType: string = PAYLOAD_TYPE): Uint8Array =>
  concat(utf8(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload);

/** The canonical text of the in-toto Statement over a seal. `seal` and `links` are canonical texts. */
export const writeStatement = (evidenceId: string, sealHash: string, seal: string, links: readonly string[]): string =>
  `{"_type":"https://in-toto.io/Statement/v1",` +
  `"predicate":{"hash_chain":[${links.join(",")}],"seal":${seal}},` +
  `"predicateType":"urn:qoc:evidence:v1",` +
  `"subject":[{"digest":{"sha256":"${sealHash}"},"name":${quote(`urn:qoc:evidence:${evidenceId}`)}}]}`;

/** The canonical text of the signed DSSE envelope. */
export const signStatement = (statement: string, signer: Signer): string =>
  signPayload(utf8(statement), PAYLOAD_TYPE, signer);

/** The same round a payload of another type. */
export function signPayload(payload: Uint8Array, payloadType: string, signer: Signer): string {
  const sig = signer.sign(preAuthEncoding(payload, payloadType));
  return writeSigned({ payload, payloadType, keyid: signer.keyid, sig });
}

export type Signed = {
  readonly payload: Uint8Array;
  readonly payloadType: string;
  readonly keyid: string;
  readonly sig: Uint8Array;
};

/** The one text of a DSSE envelope with one signature. */
export const writeSigned = ({ payload, payloadType, keyid, sig }: Signed): string =>
  `{"payload":"${base64(payload)}","payloadType":"${payloadType}",` +
  `"signatures":[{"keyid":${quote(keyid)},"sig":"${base64(sig)}"}]}`;
