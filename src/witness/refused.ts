/** The folder of a witness cannot be used as it lies: signing on could cosign two trees. The message says why and what to do. */
export class WitnessRefused extends Error {
  readonly code: "WITNESS_EXISTS" | "WITNESS_UNUSABLE" | "WITNESS_BUSY";
  readonly hint: string;
  constructor(code: WitnessRefused["code"], says: string, hint: string) {
    super(says);
    this.name = "WitnessRefused";
    this.code = code;
    this.hint = hint;
  }
}

export const unusable = (says: string, hint: string): WitnessRefused =>
  new WitnessRefused("WITNESS_UNUSABLE", says, hint);
