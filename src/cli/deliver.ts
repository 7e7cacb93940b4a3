/** Posts a delivery to the ingress and reads what it says. */
import { z } from "zod";
import { Accepted } from "./answers.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { SignedRequest } from "./signed-request.ts";

const ANSWER_MS_MAX = 30_000;

export type Sent =
  | {
      readonly kind: "accepted";
      readonly status: number;
      readonly run: string;
      readonly delivery_id: string;
      readonly duplicate: boolean;
    }
  | { readonly kind: "refused"; readonly status: number; readonly code: string; readonly title: string };

const Refused = z.object({ code: z.string().catch("UNKNOWN"), title: z.string().catch("") });

export async function deliver(url: string, request: SignedRequest): Promise<Sent> {
  const { status, body } = await post(url, request);
  if (status < 300) {
    const { run, delivery_id, duplicate } = Accepted.parse(body);
    return { kind: "accepted", status, run, delivery_id, duplicate };
  }
  return { kind: "refused", status, ...Refused.parse(body) };
}

async function post(
  url: string,
  { headers, body }: SignedRequest,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: Buffer.from(body),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : {} };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new CliError({
      what: `Nothing answers at ${url}.`,
      why: cause instanceof Error ? cause.message : String(cause),
      try: "qoc status",
      code: "INGRESS_UNREACHABLE",
      exit: exitCodes.unreachable,
    });
  }
}
