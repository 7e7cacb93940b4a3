/** Reads a server-sent event stream (WHATWG HTML, 9.2) as it comes in, whatever the pieces are. */

/** `id` is the last one that the stream gave, for `Last-Event-ID`; a comment alone is a heartbeat. */
export type StreamEvent =
  | { readonly kind: "event"; readonly event: string; readonly data: string; readonly id: string }
  | { readonly kind: "heartbeat" };

/** Of one event that is not finished, in characters: more is no stream of ours. */
export const EVENT_LENGTH_MAX = 4 * 1024 * 1024;

/** Takes pieces of text and gives what they complete. @throws RangeError when one event grows over its bound. */
export function createStreamReader(): (piece: string) => readonly StreamEvent[] {
  let rest = "";
  let id = "";
  let event = "";
  let data: string[] = [];
  let length = 0;
  let begun = false;

  const take = (line: string): StreamEvent | undefined => {
    if (line === "") {
      const done =
        data.length === 0
          ? undefined
          : ({ kind: "event", event: event || "message", data: data.join("\n"), id } as const);
      event = "";
      data = [];
      length = 0;
      return done;
    }
    if (line.startsWith(":")) return { kind: "heartbeat" };
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "data") {
      data.push(value);
      length += value.length;
    }
    return undefined;
  };

  return (piece) => {
    rest += begun ? piece : piece.replace(/^\uFEFF/, "");
    begun ||= piece !== "";
    const found: StreamEvent[] = [];
    // A carriage return at the very end may be the first half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const done = take(line);
      if (done !== undefined) found.push(done);
    }
    if (rest.length + length > EVENT_LENGTH_MAX) throw new RangeError("an event is over its bound");
    return found;
  };
}
