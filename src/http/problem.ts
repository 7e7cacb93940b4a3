/** Refusals as they are sent: RFC 9457 problems, made once from the table. The detail of a refusal stays with us. */
import type { FastifyReply } from "fastify";
import { refusals, type Refusal, type RefusalCode } from "../core/refusals.ts";
import { sendWritten } from "./send-written.ts";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";
/** Sent with every 429 and 503 that names no other time. */
const RETRY_AFTER_S_DEFAULT = 1;

export type Problem = { readonly status: number; readonly body: string };

const problems = new Map(
  Object.entries(refusals).map(([code, { status, says }]): [string, Problem] => [
    code,
    { status, body: JSON.stringify({ type: `urn:qoc:problem:${code}`, title: says, status, code }) },
  ]),
);

export function problemOf(code: RefusalCode): Problem {
  const problem = problems.get(code);
  if (problem === undefined) throw new Error(`no problem for ${code}`);
  return problem;
}

/** Header fields that belong to a refusal, besides its media type. */
export function problemHeaders({ code, retryAfterS }: Refusal): Readonly<Record<string, string>> {
  const { status } = refusals[code];
  if (status === 405) return { allow: "POST" };
  if (status !== 503 && status !== 429) return {};
  return { "retry-after": String(retryAfterS ?? RETRY_AFTER_S_DEFAULT) };
}

export function sendProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { status, body } = problemOf(refusal.code);
  return sendWritten(reply.headers(problemHeaders(refusal)), status, PROBLEM_MEDIA_TYPE, body);
}
