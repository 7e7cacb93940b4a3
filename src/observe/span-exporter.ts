/**
 * Spans on their way to an OTLP/HTTP collector: the one file that loads OpenTelemetry, and is loaded itself only where traces are
 * configured. What cannot be sent is dropped and counted. Nothing waits for it, and what waits to be sent has a bound.
 */
import { type Attributes, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from "@opentelemetry/sdk-trace";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { MadeSpan } from "./spans.ts";

export type SpanCounts = { readonly exported: number; readonly dropped: number };
export type Exporting = {
  readonly give: (span: MadeSpan) => void;
  readonly counts: () => SpanCounts;
  /** Sends what waits, for at most `withinMs`; what is left then is dropped. Never rejects. */
  readonly close: (withinMs: number) => Promise<void>;
};

const WAITING_MAX = 8_192;
const BATCH_MAX = 512;
const SEND_EVERY_MS = 2_000;
/** With its one retry. So long a collector that hangs can hold a process that has nothing else to do any more. */
const SEND_MS_MAX = 2_000;
const SCOPE = { name: "qoc" };

export function openExporter(url: string, version: string): Exporting {
  const resource = resourceFromAttributes({ "service.name": "qoc", "service.version": version });
  const counts = { exported: 0, dropped: 0, waiting: 0 };
  let closed = false;
  let over = false;
  const agent = new (url.startsWith("https:") ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const otlp = new OTLPTraceExporter({ url, timeoutMillis: SEND_MS_MAX, httpAgentOptions: () => agent });
  const exporter: SpanExporter = {
    export: (spans, done) => {
      otlp.export(spans, (result) => {
        // Behind the end they are counted as dropped, whatever becomes of them.
        if (!over) {
          counts.waiting -= spans.length;
          counts[result.error === undefined ? "exported" : "dropped"] += spans.length;
        }
        done(result);
      });
    },
    forceFlush: () => otlp.forceFlush(),
    shutdown: () => otlp.shutdown(),
  };
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: WAITING_MAX,
    maxExportBatchSize: BATCH_MAX,
    scheduledDelayMillis: SEND_EVERY_MS,
    exportTimeoutMillis: SEND_MS_MAX + 1_000,
  });
  return {
    give: (span) => {
      if (closed || counts.waiting >= WAITING_MAX) {
        counts.dropped += 1;
        return;
      }
      counts.waiting += 1;
      processor.onEnd(readable(span, resource));
    },
    counts: () => ({ exported: counts.exported, dropped: counts.dropped }),
    close: async (withinMs) => {
      closed = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([processor.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
      // The time-out is one between two bytes: a collector that goes on answering would hold the process for ever.
      agent.maxSockets = 0;
      agent.destroy();
      over = true;
      counts.dropped += counts.waiting;
      counts.waiting = 0;
    },
  };
}

function readable(span: MadeSpan, resource: ReadableSpan["resource"]): ReadableSpan {
  const context = (spanId: string) => ({ traceId: span.trace_id, spanId, traceFlags: TraceFlags.SAMPLED });
  const own = context(span.span_id);
  const attributes: Attributes = span.attributes;
  return {
    name: span.name,
    kind: SpanKind.INTERNAL,
    spanContext: () => own,
    ...(span.parent_id === null ? {} : { parentSpanContext: context(span.parent_id) }),
    startTime: timeOf(span.from),
    endTime: timeOf(span.to),
    duration: timeOf(Math.max(0, span.to - span.from)),
    status: { code: span.failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. */
const timeOf = (ms: number): HrTime => {
  const whole = Math.floor(ms / 1000);
  return [whole, Math.round((ms - whole * 1000) * 1e6)];
};
