/** The words of a decision, for whoever needs no more of it. */

export const DECISION_TYPE = "application/vnd.qoc.decision+json";
export const REASON_LENGTH_MAX = 1000;
export const DECISIONS = ["approve", "reject"] as const;
export type DecisionWord = (typeof DECISIONS)[number];
