/** A store that cannot write: the sender is told to come again, and nothing is lost or doubled when it does. */
import { expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { launchFaulty, ready, stop } from "../support/daemon.ts";
import { audit } from "../support/desk-audit.ts";
import { deskFolder } from "../support/desk-folder.ts";
import type { Fault } from "../support/faulty-store.ts";
import { createLedger } from "../support/ledger.ts";
import { post } from "../support/sender.ts";
import { readStoppedDesk } from "../support/stopped-desk.ts";

const FIRST_APPEND = 1;
const FIRST_COMMIT = 2;
const faults: readonly Fault[] = ["lost", "kept"];
const delivery = { webhook: "price-alert", body: '{"event":"price_alert"}' };

async function faultyDaemon(write: number, fault: Fault) {
  const dir = deskFolder("faulty-desk");
  const daemon = await ready(launchFaulty(dir, { kind: "fail", write, fault }), dir);
  return { dir, daemon };
}

async function findings(dir: string, ledger: ReturnType<typeof createLedger>): Promise<readonly string[]> {
  const desk = await readStoppedDesk(dir, "faulty-desk", ["price-alert"]);
  try {
    return audit(desk, ledger.sent());
  } finally {
    await desk.store.close();
  }
}

test("a delivery that was not stored is answered 503 with a time to come again", async () => {
  const { daemon } = await faultyDaemon(FIRST_APPEND, "lost");
  const { status, headers, body } = await post(daemon.ingress, "faulty-desk", delivery);
  expect(status).toBe(503);
  expect(body["code"]).toBe("NOT_PERSISTED");
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
});

test.each(faults)(
  "an append that is reported as failed and was %s ends in one run when the sender comes again",
  async (fault) => {
    const { dir, daemon } = await faultyDaemon(FIRST_APPEND, fault);
    const ledger = createLedger();
    const world = { desk: "faulty-desk", ingress: () => daemon.ingress, pauseMs: () => 1 };
    await ledger.send(world, delivery, "original");
    await quiet(dir);
    expect(await stop(daemon)).toMatchObject({ code: 0 });
    expect(ledger.sent()[0]?.attempts).toBe(2);
    expect(await findings(dir, ledger)).toEqual([]);
  },
);

test.each(faults)("a commit that is reported as failed and was %s is made good by the daemon itself", async (fault) => {
  const { dir, daemon } = await faultyDaemon(FIRST_COMMIT, fault);
  const ledger = createLedger();
  const world = { desk: "faulty-desk", ingress: () => daemon.ingress, pauseMs: () => 1 };
  await ledger.send(world, delivery, "original");
  await quiet(dir);
  expect(await stop(daemon)).toMatchObject({ code: 0 });
  expect(ledger.sent()[0]?.attempts).toBe(1);
  expect(await findings(dir, ledger)).toEqual([]);
});
