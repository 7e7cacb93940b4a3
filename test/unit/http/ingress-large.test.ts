import { afterEach, describe, expect, test } from "vitest";
import { createLargeBodies } from "../../../src/http/large-bodies.ts";
import { signatureOf, webhook, desk } from "../../support/ingress-desk.ts";
import { bodyOf, dial, ingress, say, statusOf, type Ingress } from "../../support/raw-http.ts";

const LARGE = JSON.stringify({ event: "large", text: "x".repeat(200_000) });
const HEAD = "POST /webhook/equity-desk/price-alert HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
const sized = `content-length: ${LARGE.length}\r\n`;
const signed = `x-qoc-signature: ${signatureOf(LARGE)}\r\n`;

let open: Ingress | undefined;
afterEach(() => open?.app.close());
function started(largeBytesMax: number): Ingress {
  const roomy = desk([webhook({ body_limit_bytes: 1024 * 1024 })]);
  open = ingress({ desks: () => new Map([[roomy.name, roomy]]) }, { largeBytesMax });
  return open;
}

describe("a large body", () => {
  test("is taken", async () => {
    const { app } = started(1);
    expect(statusOf(await say(app, `${HEAD}${signed}${sized}\r\n${LARGE}`))).toBe(202);
  });

  test("without a signature is refused before it is read", async () => {
    const { app, reports } = started(1024 * 1024);
    const answer = await say(app, `${HEAD}${sized}\r\n{`);
    expect([statusOf(answer), bodyOf(answer)]).toMatchObject([401, { code: "SIGNATURE_INVALID" }]);
    expect(reports).toMatchObject([{ code: "SIGNATURE_INVALID", fault: "NO_SIGNATURE" }]);
  });

  test("beyond what is taken at once is asked to come again, and taken when there is room", async () => {
    const { app } = started(LARGE.length);
    const first = await dial(app);
    first.socket.write(`${HEAD}${signed}${sized}\r\n${LARGE.slice(0, 10)}`);
    await new Promise((turn) => setTimeout(turn, 30));
    const second = await say(app, `${HEAD}${signed}${sized}\r\n${LARGE}`);
    expect(statusOf(second)).toBe(503);
    expect(second.toLowerCase()).toContain("retry-after: 5");
    first.socket.write(LARGE.slice(10));
    expect(statusOf(await first.closed)).toBe(202);
    expect(statusOf(await say(app, `${HEAD}${signed}${sized}\r\n${LARGE}`))).toBe(202);
  });

  test("whose sender gives up makes room again", async () => {
    const { app } = started(LARGE.length);
    const first = await dial(app);
    first.socket.write(`${HEAD}${signed}${sized}\r\n${LARGE.slice(0, 10)}`);
    await new Promise((turn) => setTimeout(turn, 30));
    first.socket.destroy();
    await new Promise((turn) => setTimeout(turn, 30));
    expect(statusOf(await say(app, `${HEAD}${signed}${sized}\r\n${LARGE}`))).toBe(202);
  });
});

test("what is given back twice counts once", () => {
  const bodies = createLargeBodies(10);
  const first = bodies.take(6);
  bodies.take(4);
  first?.();
  first?.();
  expect([bodies.take(6) === undefined, bodies.take(1) === undefined]).toEqual([false, true]);
});
