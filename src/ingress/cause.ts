/** Why a signature failed, in words for whoever looks after the desk. Nothing in it quotes a secret, a body or a header's value. */
export type LikelyCause = {
  readonly kind: "clock" | "secret" | "sender" | "body" | "url" | "header" | "unsigned" | "unknown";
  /** `proved`: the signature holds once this is undone. `likely`: the request looks like it. `possible`: nothing speaks against it. */
  readonly sure: "proved" | "likely" | "possible";
  /** A clause: "its body was …". */
  readonly says: string;
  /** What a person can do about it. */
  readonly try: string;
};

/** The likeliest first. */
export type LikelyCauses = readonly [LikelyCause, ...LikelyCause[]];
