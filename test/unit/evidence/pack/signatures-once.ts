/** The platform with a memory of signatures: one question has one answer, and nearly all mutants of a pack differ elsewhere. */
import type * as nodePlatform from "../../../../src/evidence/platform.ts";

type Platform = typeof nodePlatform;

export function signaturesOnce(platform: Platform): Platform {
  const answers = new Map<string, boolean>();
  const ed25519Verifier: Platform["ed25519Verifier"] = (publicKey) => {
    const verifies = platform.ed25519Verifier(publicKey);
    return (bytes, signature) => {
      const question = [publicKey, signature, platform.sha256(bytes)].map(platform.hex).join(" ");
      const answer = answers.get(question) ?? verifies(bytes, signature);
      answers.set(question, answer);
      return answer;
    };
  };
  return { ...platform, ed25519Verifier };
}
