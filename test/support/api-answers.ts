/** Holds every answer of an API under test to the shape that its route promises, key by key. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Problem } from "../../src/http/shapes/problem.ts";

/** To be called before routes are added. An answer of another form becomes a 500 that says where it differs. */
export function holdAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload) => {
    const { api } = request.routeOptions.config;
    if (api === undefined || typeof payload !== "string" || request.routeOptions.url === undefined) return;
    const type = String(reply.getHeader("content-type") ?? "");
    if (type.startsWith("application/problem+json")) {
      fits(Problem, JSON.parse(payload), api.path);
      return;
    }
    if (api.answer.kind === "bytes") {
      if (!type.startsWith(api.answer.media_type)) throw new Error(`${api.path} answers ${type}`);
      return;
    }
    if (!(api.statuses ?? [200]).includes(reply.statusCode))
      throw new Error(`${api.path} answers ${reply.statusCode}, which it does not promise`);
    fits(api.answer.shape.extend({ schema: z.literal(api.answer.schema) }), JSON.parse(payload), api.path);
  });
}

function fits(shape: z.ZodObject, answer: unknown, path: string): void {
  const read = strictly(shape).safeParse(answer);
  if (!read.success) throw new Error(`${path} answers what it does not promise: ${z.prettifyError(read.error)}`);
}

/** The same shape without keys that it does not name, at every depth. */
function strictly(shape: z.ZodType): z.ZodType {
  if (shape instanceof z.ZodObject)
    return z.strictObject(
      Object.fromEntries(Object.entries(shape.shape).map(([name, one]) => [name, strictly(typeOf(one))])),
    );
  if (shape instanceof z.ZodArray) return z.array(strictly(typeOf(shape.element)));
  if (shape instanceof z.ZodReadonly) return strictly(typeOf(shape.unwrap()));
  if (shape instanceof z.ZodNullable) return strictly(typeOf(shape.unwrap())).nullable();
  if (shape instanceof z.ZodOptional) return strictly(typeOf(shape.unwrap())).optional();
  return shape;
}

function typeOf(shape: unknown): z.ZodType {
  if (shape instanceof z.ZodType) return shape;
  throw new Error("not a shape");
}
