/** The yardstick: the same fastify, the same HMAC check over the raw body, a 202, and nothing kept. Prints its port. */
import { createHmac, timingSafeEqual } from "node:crypto";
import fastify from "fastify";

const secret = process.argv[2] ?? "";
const ANSWER = '{"run":"00000000-0000-8000-8000-000000000000","delivery_id":"-","duplicate":false}';
const app = fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.post<{ Body: Buffer }>("/webhook/:workspace/:webhook", async (request, reply) => {
  const sent = String(request.headers["x-qoc-signature"]);
  const mac = createHmac("sha256", secret).update(request.body).digest();
  const given = Buffer.from(sent.slice("sha256=".length), "hex");
  if (given.length !== mac.length || !timingSafeEqual(given, mac)) return reply.code(401).send();
  return reply.code(202).type("application/json").send(ANSWER);
});
await app.listen({ host: "127.0.0.1", port: 0 });
const address = app.server.address();
console.log(typeof address === "object" ? address?.port : address);
