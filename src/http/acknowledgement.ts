/** What a sender is answered once its delivery is durable: in the form that this sender reads. */
import type { FastifyReply } from "fastify";
import type { Accepted } from "../ingress/receive.ts";
import { sendWritten } from "./send-written.ts";

const JSON_MEDIA_TYPE = "application/json";
const XML_MEDIA_TYPE = "text/xml";
/** TwiML that asks for nothing. */
const NO_TWIML = "<Response></Response>";

export function acknowledge(reply: FastifyReply, accepted: Accepted): FastifyReply {
  const { challenge, acknowledgement } = accepted;
  if (challenge !== null) {
    // Whoever asks with a challenge reads it from a 200.
    return sendWritten(reply, 200, JSON_MEDIA_TYPE, JSON.stringify({ [challenge.name]: challenge.value }));
  }
  switch (acknowledgement.body) {
    case "receipt":
      return sendWritten(reply, acknowledgement.status, JSON_MEDIA_TYPE, receipt(accepted));
    case "twiml":
      return sendWritten(reply, acknowledgement.status, XML_MEDIA_TYPE, NO_TWIML);
  }
}

function receipt({ run, delivery_id, duplicate, flag }: Accepted): string {
  return JSON.stringify(flag === null ? { run, delivery_id, duplicate } : { run, delivery_id, duplicate, flag });
}
