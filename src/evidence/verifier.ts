/** The package's `qoc/verify`: envelopes, amendments and packs, verified offline. */
export { isPack, verifyPack, type PackVerdict } from "./pack/verify-pack.ts";
export {
  keyidOf,
  LEVELS,
  verify,
  verifyCodes,
  type Finding,
  type Grade,
  type Graded,
  type HeldCheckpoint,
  type Level,
  type Logged,
  type PublicKey,
  type Verdict,
  type VerifyCode,
  type VerifyPolicy,
} from "./verify.ts";
