/** Headers as they came. Node's own object drops or joins those that are repeated, and which of two was meant is the sender's word. */
import type { IncomingMessage } from "node:http";

/** As much of a request as can be judged before its body is read. */
export type RequestHead = Pick<IncomingMessage, "method" | "url" | "rawHeaders">;

/** Every value of a header, in the order of the wire. `name` in lower case. */
export function headerValues({ rawHeaders }: RequestHead, name: string): readonly string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? "");
  return values;
}

/** Undefined when it is missing or repeated. */
export function theHeader(head: RequestHead, name: string): string | undefined {
  const [value, ...more] = headerValues(head, name);
  return more.length === 0 ? value : undefined;
}
