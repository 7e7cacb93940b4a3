/** How the API answers: `schema` first in everything, refusals from the one table as RFC 9457 problems. */
import type { FastifyReply } from "fastify";
import { type Refusal, refusals } from "../core/refusals.ts";
import { answerAndClose, type Linger } from "./answer-and-close.ts";
import { PROBLEM_MEDIA_TYPE } from "./problem.ts";

const LINGER: Linger = { ms: 2_000, bytes: 8 * 1024 * 1024 };

/** Also of an id, which is a text to the program and an object to the compiler. */
export const isRefusal = (value: object | string): value is Refusal =>
  typeof value === "object" && "kind" in value && value.kind === "refused";

/** The caller owns the desk (the socket's mode says so): the detail, which the ingress keeps to its log, is told here. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.retryAfterS !== undefined) void reply.header("retry-after", String(refusal.retryAfterS));
  const problem = problemOf(refusal);
  return reply.status(problem.status).type(PROBLEM_MEDIA_TYPE).send(problem);
}

/** The same for a request whose body is not read on: the answer goes out first, or it is lost with what was still coming. */
export function sendRefusalAndClose(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal);
  const answer = {
    status: problem.status,
    headers: { "content-type": PROBLEM_MEDIA_TYPE },
    body: JSON.stringify(problem),
  };
  answerAndClose(reply.request.raw, reply.hijack().raw, answer, LINGER);
  return reply;
}

function problemOf({ code, detail }: Refusal) {
  const { status, says } = refusals[code];
  return { schema: "qoc.problem/1", type: "about:blank", title: says, status, code, detail };
}

export const sendResult = (reply: FastifyReply, schema: string, result: object, status = 200): FastifyReply =>
  reply.status(status).send({ schema, ...result });
