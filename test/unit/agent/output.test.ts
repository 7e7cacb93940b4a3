import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { keepOutput } from "../../../src/agent/output.ts";

const CHUNKS = 200_000;

test("output that comes byte by byte costs its bytes and little more", () => {
  const stream = new PassThrough();
  const output = keepOutput(stream, 2 * CHUNKS);
  const before = process.memoryUsage();
  for (let n = 0; n < CHUNKS; n += 1) stream.emit("data", Buffer.from([65 + (n % 26)]));
  const after = process.memoryUsage();
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(16 * 1024 * 1024);
  expect(Buffer.from(output().bytes.subarray(0, 27)).toString()).toBe("ABCDEFGHIJKLMNOPQRSTUVWXYZA");
  expect(output()).toMatchObject({ bytes: { byteLength: CHUNKS }, cut_bytes: 0 });
});

test("of what goes over the bound the beginning is kept and the rest counted", () => {
  const stream = new PassThrough();
  const output = keepOutput(stream, 5);
  for (const text of ["abc", "", "defg", "h"]) stream.emit("data", Buffer.from(text));
  expect([Buffer.from(output().bytes).toString(), output().cut_bytes]).toEqual(["abcde", 3]);
});
