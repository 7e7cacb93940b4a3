/** The two examples of the README are connectors that keep its promises. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { commandConnector } from "../../../src/adapters/connector-command.ts";
import type { Connector } from "../../../src/orders/connector.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { orderToSend } from "../adapters/paper-support.ts";

const readme = readFileSync(join(import.meta.dirname, "../../../src/orders/README.md"), "utf8");

function example(language: "sh" | "js"): string {
  const code = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (code === undefined) throw new Error(`no example in ${language}`);
  return code;
}

function connectorOf(name: string, code: string, environment: Record<string, string>): [Connector, string] {
  const dir = temporaryFolder();
  const path = join(dir, name);
  writeFileSync(path, code, { mode: 0o700 });
  const settings = { name, command: [path], ask: [path], timeout_ms: 15_000, env: Object.keys(environment) };
  return [commandConnector(settings, { dir, environment: { PATH: process.env["PATH"], ...environment } }), dir];
}

const order = orderToSend(1);

describe("the README's example in sh", () => {
  test("leaves an order in its folder once, and knows it when it is asked", async () => {
    const [connector, dir] = connectorOf("broker", example("sh"), { ORDERS_OUT: "out" });
    expect(await connector.ask(order.key)).toEqual({ kind: "not_seen" });
    const said = await connector.submit(order);
    expect(said).toEqual({ kind: "accepted", reference: order.key });
    expect(await connector.submit(order)).toEqual(said);
    expect(await connector.ask(order.key)).toEqual(said);
    expect(readdirSync(join(dir, "out"))).toEqual([`${order.key}.json`]);
    expect(JSON.parse(readFileSync(join(dir, "out", `${order.key}.json`), "utf8"))).toMatchObject({ key: order.key });
  });

  test("leaves it open when its folder cannot be written", async () => {
    const [connector] = connectorOf("broker", example("sh"), { ORDERS_OUT: "broker/below-a-file" });
    expect((await connector.submit(order)).kind).toBe("unclear");
  });
});

describe("the README's example in Node", () => {
  async function broker(status: number): Promise<[Connector, Map<string, unknown>]> {
    const orders = new Map<string, unknown>();
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        if (request.headers.authorization !== "Bearer t0ken") return response.writeHead(401).end();
        const key = request.method === "GET" ? (request.url ?? "").slice("/orders/".length) : undefined;
        if (key !== undefined) return response.writeHead(orders.has(key) ? 200 : 404).end('{"id":"B-7"}');
        if (status === 200) orders.set(String(Object(JSON.parse(body)).client_order_id), JSON.parse(body));
        return response.writeHead(status).end('{"id":"B-7"}');
      });
    });
    onTestFinished(() => void server.close());
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve(portOf(server.address())));
    });
    const environment = { BROKER_URL: `http://127.0.0.1:${port}`, BROKER_TOKEN: "t0ken" };
    return [connectorOf("broker.mjs", example("js"), environment)[0], orders];
  }

  test("hands the key on as the client order id, and finds the order by it", async () => {
    const [connector, orders] = await broker(200);
    expect(await connector.ask(order.key)).toEqual({ kind: "not_seen" });
    expect(await connector.submit(order)).toEqual({ kind: "accepted", reference: "B-7" });
    expect([...orders]).toEqual([
      [order.key, expect.objectContaining({ symbol: "NVDA", quantity: "10", limit_price: null })],
    ]);
    expect(await connector.ask(order.key)).toEqual({ kind: "accepted", reference: "B-7" });
  });

  test.each([
    [422, "refused"],
    [500, "unclear"],
    [401, "unclear"],
  ])("makes of the status %i that the order is %s", async (status, kind) => {
    const [connector] = await broker(status);
    expect((await connector.submit(order)).kind).toBe(kind);
  });

  test("leaves it open when nobody listens", async () => {
    const environment = { BROKER_URL: "http://127.0.0.1:1", BROKER_TOKEN: "t0ken" };
    const [connector] = connectorOf("broker.mjs", example("js"), environment);
    expect((await connector.submit(order)).kind).toBe("unclear");
    expect((await connector.ask(order.key)).kind).toBe("cannot_tell");
  });
});

const portOf = (address: AddressInfo | string | null): number => {
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
};
