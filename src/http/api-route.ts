/**
 * One route of the API: what it takes and what it answers, as schemas. The same schemas parse the request, make `openapi.json`, and are what
 * tests hold the answers to.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { type Refusal, type RefusalCode, refuse } from "../core/refusals.ts";
import { isRefusal, sendRefusal } from "./api-reply.ts";

export type ApiMethod = "GET" | "POST";

/** JSON that begins with `schema`, or bytes of another media type, which the handler sends itself. */
export type ApiAnswer<Shape extends z.ZodObject> =
  | { readonly kind: "json"; readonly schema: string; readonly shape: Shape }
  | { readonly kind: "bytes"; readonly media_type: string; readonly says: string };

export type ApiRoute<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Shape extends z.ZodObject = z.ZodObject,
> = {
  readonly method: ApiMethod;
  /** As fastify has it: `/api/runs/:id`. */
  readonly path: string;
  /** A sentence for whoever reads the reference. */
  readonly says: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: ApiAnswer<Shape>;
  /** Of an answer that is no refusal; more than one where the answer itself says no. 200 when absent. */
  readonly statuses?: readonly number[];
  /** Those that are this route's own; what every route may answer is not repeated. */
  readonly refusals?: readonly RefusalCode[];
  /** Served on the control socket alone: it reaches into the machine that the daemon runs on. */
  readonly socketOnly?: true;
};

export type Asked<Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
};

declare module "fastify" {
  interface FastifyContextConfig {
    /** Set on every route of the API: `openapi.ts` collects them. */
    readonly api?: ApiRoute;
  }
}

const NOTHING = z.object({});

/**
 * Adds a route; one of the control socket's own is not added to the console. Whatever does not fit its schemas is refused as malformed before
 * the handler sees it. The handler gives what stands behind `schema`, or a refusal, or the reply itself when it has sent it.
 */
export function addApiRoute<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Shape extends z.ZodObject = z.ZodObject,
>(
  app: FastifyInstance,
  route: ApiRoute<Params, Query, Body, Shape>,
  handle: (
    asked: Asked<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Promise<z.input<Shape> | Refusal | FastifyReply>,
): void {
  if (route.socketOnly === true && app.hasDecorator("isConsole")) return;
  const { method, path, answer } = route;
  const read = z.object({
    params: route.params ?? NOTHING,
    query: route.query ?? NOTHING,
    body: route.body ?? z.unknown(),
  });
  app.route({
    method,
    url: path,
    config: { api: route },
    handler: async (request, reply) => {
      const asked = read.safeParse({ params: request.params, query: request.query, body: request.body });
      if (!asked.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(asked.error)));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- these are the route's own schemas, which have just read it
      const parsed = asked.data as unknown as Asked<z.output<Params>, z.output<Query>, z.output<Body>>;
      const said = await handle({ ...parsed, request, reply });
      // A reply that is awaited gives nothing: the handler has answered by itself.
      if (said === undefined || said === reply || reply.sent) return reply;
      if (isRefusal(said)) return sendRefusal(reply, said);
      return answer.kind === "json" ? reply.send({ schema: answer.schema, ...said }) : reply;
    },
  });
}
