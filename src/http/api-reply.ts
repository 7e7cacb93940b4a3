/** How the API answers: `schema` first in everything, refusals from the one table as RFC 9457 problems. */
import type { FastifyReply } from "fastify";
import { type Refusal, refusals } from "../core/refusals.ts";

export const isRefusal = (value: object): value is Refusal => "kind" in value && value.kind === "refused";

/** The caller owns the desk (the socket's mode says so): the detail, which the ingress keeps to its log, is told here. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, says } = refusals[refusal.code];
  if (refusal.retryAfterS !== undefined) void reply.header("retry-after", String(refusal.retryAfterS));
  return reply.status(status).type("application/problem+json").send({
    schema: "qoc.problem/1",
    type: "about:blank",
    title: says,
    status,
    code: refusal.code,
    detail: refusal.detail,
  });
}

export const sendResult = (reply: FastifyReply, schema: string, result: object, status = 200): FastifyReply =>
  reply.status(status).send({ schema, ...result });
