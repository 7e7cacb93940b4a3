import type { FastifyReply } from "fastify";

const asWritten = (body: string): string => body;

/** Sends JSON that is text already, under its media type as registered: JSON has no charset parameter (RFC 8259, 11). */
export const sendWritten = (reply: FastifyReply, status: number, mediaType: string, body: string): FastifyReply =>
  reply.code(status).header("content-type", mediaType).serializer(asWritten).send(body);
