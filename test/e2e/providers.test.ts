/**
 * Every payload of the golden tables goes in over HTTP, signed as its sender signs, and comes out of the store with the facts that the
 * tables want, in a run that is sealed.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { birthOf, factsOf } from "../../src/core/delivery-journal.ts";
import { sha256OfBytes } from "../../src/ingress/artifacts.ts";
import { providers, type ProviderName } from "../../src/providers/index.ts";
import { quiet } from "../support/control.ts";
import { stop, up } from "../support/daemon.ts";
import { deskFolder } from "../support/desk-folder.ts";
import { goldenRows, sharedPayloads, type GoldenRow } from "../support/golden.ts";
import { PRESET_SECRET, PRESET_TOKEN, sentBy } from "../support/preset-sender.ts";
import { readStoppedDesk } from "../support/stopped-desk.ts";

const DESK = "provider-desk";
const presets = Object.keys(providers).filter((name): name is ProviderName => name !== "qoc");

/** By their bytes: rows are samples, not a series, and some share an id. */
const tomlOf = (name: ProviderName): string =>
  [
    "[[webhook]]",
    `name = "${name}"`,
    `provider = "${name}"`,
    name === "gitlab" ? 'secret = ["env:SECRET", "env:TOKEN"]' : 'secret = "env:SECRET"',
    'action = "inbox"',
    'dedupe = "body"',
    `public_url = "https://hooks.example.com/webhook/${DESK}/${name}"`,
    "",
  ].join("\n");

type Answered = { readonly status: number; readonly run: string; readonly duplicate: boolean; readonly text: string };
type Played = { readonly row: GoldenRow; readonly answer: Answered; readonly sha256: string };

const played = new Map<ProviderName, readonly Played[]>();
const facts = new Map<string, unknown>();
const states = new Map<string, string>();

/** Linear signs its own clock, in the body: what has no place for one is refused, which the tests of the verifier show. */
const canBeSigned = (name: ProviderName, { body }: GoldenRow): boolean =>
  body !== undefined && (name !== "linear" || Buffer.from(body).toString().trimStart().startsWith("{"));

/** A sample of last year would be refused: its clock is set. */
const bodyOf = (name: ProviderName, row: GoldenRow): Buffer => {
  const body = Buffer.from(row.body ?? []);
  if (name !== "linear") return body;
  const text = body.toString();
  const clock = /("webhookTimestamp"\s*:\s*)[0-9]+/;
  const now = Date.now();
  return Buffer.from(
    clock.test(text) ? text.replace(clock, `$1${now}`) : text.replace("{", `{"webhookTimestamp":${now},`),
  );
};

async function send(ingress: string, name: ProviderName, row: GoldenRow): Promise<Played> {
  const body = bodyOf(name, row);
  const url = `https://hooks.example.com/webhook/${DESK}/${name}`;
  const raw = sentBy(name, { headers: row.headers, body }, Date.now(), url);
  const headers = Object.fromEntries([...raw.headers].map(([header, [value = ""]]) => [header, value]));
  const response = await fetch(ingress + raw.target, { method: "POST", headers, body });
  const text = await response.text();
  const receipt: { readonly run?: string; readonly duplicate?: boolean } = text.startsWith("{") ? JSON.parse(text) : {};
  const answer = { status: response.status, run: receipt.run ?? "", duplicate: receipt.duplicate ?? false, text };
  return { row, answer, sha256: sha256OfBytes(body) };
}

beforeAll(async () => {
  if (sharedPayloads === undefined)
    process.stdout.write("skipped: golden rows of real payloads, not on this machine\n");
  const dir = deskFolder(DESK, {
    toml: presets.map(tomlOf).join("\n"),
    secrets: { SECRET: PRESET_SECRET, TOKEN: PRESET_TOKEN },
  });
  const daemon = await up([dir]);
  for (const name of presets) {
    const rows = goldenRows(name).filter((row) => canBeSigned(name, row));
    played.set(name, await Promise.all(rows.map((row) => send(daemon.ingress, name, row))));
  }
  await quiet(dir);
  await stop(daemon);
  const desk = await readStoppedDesk(dir, DESK, presets);
  for (const { record, journal } of desk.runs) {
    const found = factsOf(journal);
    facts.set(`${found?.provider ?? ""} ${birthOf(journal).request.sha256}`, found);
    states.set(record.address, record.state);
  }
  await desk.store.close();
  expect(readFileSync(path.join(dir, ".qoc", "log", "daemon.ndjson"), "utf8")).not.toContain(PRESET_SECRET);
}, 120_000);

describe.each(presets)("%s", (name) => {
  const rows = (): readonly Played[] => played.get(name) ?? [];

  test("counts its deliveries as received", () => {
    const expected = providers[name].acknowledgement.status;
    const wrong = rows().filter(({ answer }) => answer.status !== expected && !answer.text.includes("challenge"));
    expect(wrong.map(({ row, answer }) => `${row.name}: ${answer.status} ${answer.text}`)).toEqual([]);
    expect(rows().length).toBeGreaterThan(0);
  });

  test("comes out with the facts of its golden table", () => {
    const seen = new Set<string>();
    for (const { row, sha256 } of rows()) {
      // The same bytes under other headers are a duplicate: the first one's facts stand.
      if (seen.has(sha256)) continue;
      seen.add(sha256);
      const found = facts.get(`${name} ${sha256}`);
      const wanted = { delivery_id: sha256, ...row.facts };
      const named = Object.entries(found ?? {}).filter(([key, value]) => value !== null && key !== "provider");
      expect([row.name, Object.fromEntries(named)]).toEqual([row.name, wanted]);
    }
    expect(seen.size).toBeGreaterThan(0);
  });
});

test("every run of them came to its end", () => {
  expect(new Set(states.values())).toEqual(new Set(["sealed"]));
  expect(states.size).toBeGreaterThan(300);
});
