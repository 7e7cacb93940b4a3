/**
 * The peer: fastify with the same HMAC check, BullMQ on Redis, one worker that completes the job. No journal, no evidence, no file. Prints its port,
 * and answers at `/completed` how many jobs were completed.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Queue, Worker } from "bullmq";
import fastify from "fastify";
import { Redis } from "ioredis";

const [secret = "", redisPort = "0"] = process.argv.slice(2);
const connection = new Redis(Number(redisPort), "127.0.0.1", { maxRetriesPerRequest: null });
const queue = new Queue("deliveries", { connection });
let completed = 0;
const worker = new Worker("deliveries", () => Promise.resolve(), {
  connection: connection.duplicate(),
  concurrency: 64,
});
worker.on("completed", () => (completed += 1));

const app = fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.post<{ Body: Buffer }>("/webhook/:workspace/:webhook", async (request, reply) => {
  const sent = String(request.headers["x-qoc-signature"]);
  const mac = createHmac("sha256", secret).update(request.body).digest();
  const given = Buffer.from(sent.slice("sha256=".length), "hex");
  if (given.length !== mac.length || !timingSafeEqual(given, mac)) return reply.code(401).send();
  const jobId = createHmac("sha256", "id").update(request.body).digest("hex");
  await queue.add("delivery", { body: request.body.toString("utf8") }, { jobId });
  return reply
    .code(202)
    .type("application/json")
    .send(JSON.stringify({ run: jobId }));
});
app.get("/completed", () => Promise.resolve({ completed }));
await app.listen({ host: "127.0.0.1", port: 0 });
const address = app.server.address();
console.log(typeof address === "object" ? address?.port : address);
