/** An OTLP/HTTP collector of JSON, as small as a test needs. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { z } from "zod";

const Attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(Attribute),
  status: z.object({ code: z.number() }),
});
const Batch = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
});
export type CollectedSpan = z.infer<typeof Span>;

export type Collector = {
  readonly url: string;
  readonly bodies: readonly string[];
  readonly headers: readonly IncomingHttpHeaders[];
  readonly batches: () => readonly z.infer<typeof Batch>[];
  readonly spans: () => readonly CollectedSpan[];
  readonly close: () => Promise<void>;
};

/** `answers`: the status of every answer, or null to take everything and never answer. */
export async function collector(answers: number | null = 200): Promise<Collector> {
  const bodies: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      bodies.push(body);
      headers.push(request.headers);
      if (answers !== null) response.writeHead(answers, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a listener has a port");
  const batches = () => bodies.map((body) => Batch.parse(JSON.parse(body)));
  return {
    url: `http://127.0.0.1:${address.port}/v1/traces`,
    bodies,
    headers,
    batches,
    spans: () =>
      batches().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
