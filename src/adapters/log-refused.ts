/**
 * The files of the log contradict each other, or this desk's key. Nothing is signed or published any more: a person must find out
 * what was restored, removed or changed, because going on could give two roots to one size.
 */
export class LogRefused extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(`the evidence log is refused: ${reason}`);
    this.name = "LogRefused";
    this.reason = reason;
  }
}
