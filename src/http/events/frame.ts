/** Frames of a server-sent event stream. */

/** JSON has no line break of its own, so that one `data` line holds it. */
export const frame = (id: string, event: string, data: object): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A comment: says that the stream lives, and is nothing to a reader of events. */
export const HEARTBEAT = Buffer.from(": alive\n\n");
