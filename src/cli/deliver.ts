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
      /** `id_conflict`, `suspected_replay`; null of what is new or a plain duplicate. */
      readonly flag: string | null;
    }
  /** A success without our receipt: the sender is answered in its own form, or this is not a desk. */
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: "refused"; readonly status: number; readonly code: string; readonly title: string };

const Refused = z.object({ code: z.string().catch("UNKNOWN"), title: z.string().catch("") });

export async function deliver(request: SignedRequest): Promise<Sent> {
  const { status, body } = await post(request);
  if (status >= 300) return { kind: "refused", status, ...Refused.parse(body) };
  const accepted = Accepted.safeParse(body);
  if (!accepted.success) return { kind: "answered", status };
  const { run, delivery_id, duplicate, flag } = accepted.data;
  return { kind: "accepted", status, run, delivery_id, duplicate, flag };
}

async function post({
  url,
  headers,
  body,
}: SignedRequest): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: Buffer.from(body),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = await answer.text();
    return { status: answer.status, body: jsonIn(text) };
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

/** Whatever is not an object is none. */
function jsonIn(text: string): unknown {
  try {
    return text.startsWith("{") ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}
