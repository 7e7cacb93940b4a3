/** What verifying costs: an envelope, its pack and the pack with a receipt of the log, each from its bytes. */
import { verifyPack } from "../../src/evidence/pack/verify-pack.ts";
import { seal } from "../../src/evidence/seal.ts";
import { verify } from "../../src/evidence/verify.ts";
import { deskKey, filler, logOf } from "../unit/evidence/log-desk.ts";
import { packOf } from "../unit/evidence/pack/pack-support.ts";
import { job } from "../unit/evidence/support.ts";
import { figure } from "./figures.ts";

const CALLS = 300;

function timesOf(call: () => { readonly ok: boolean }): readonly number[] {
  return Array.from({ length: CALLS }, () => {
    const begun = performance.now();
    if (!call().ok) throw new Error("does not verify");
    return performance.now() - begun;
  });
}

export function verifiedRounds(): void {
  const desk = deskKey(7);
  const keys = [desk.key];
  const sealed = seal(job(), desk.signer);
  const leaves = [
    ...Array.from({ length: 99 }, (_, n) => filler(n)),
    { kind: "seal", seal: sealed.seal_hash } as const,
  ];
  const pack = packOf(sealed.bytes).bytes;
  const logged = packOf(sealed.bytes, {}, { tlog_proof: logOf(leaves, [desk]).receipt(99) }).bytes;
  const calls = {
    [`an envelope of ${sealed.bytes.length} bytes`]: () => verify(sealed.bytes, { keys }),
    [`a pack of ${pack.length} bytes, all closed`]: () => verifyPack(pack, { keys }),
    "the pack with a receipt of the log": () => verifyPack(logged, { keys }),
  };
  for (const [name, call] of Object.entries(calls)) {
    timesOf(call);
    console.log(`verified: ${name}: ${figure(timesOf(call), " ms", 2)}`);
  }
}
