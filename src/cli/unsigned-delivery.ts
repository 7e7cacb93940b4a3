/** What is to be sent: the sender's sample or the bytes that were given, and the headers that name event and delivery. */
import type { Sender } from "../providers/index.ts";
import { usage } from "./errors.ts";
import { fixtureBody, isFixture } from "./fixtures.ts";
import { FORM_TYPE, JSON_TYPE, type Sample, type SampleGiven } from "./sample.ts";
import { sampleFor } from "./samples.ts";
import type { Unsigned } from "./signed-request.ts";

const USER_AGENT = "qoc-send";
const ID_BYTES = 16;

export type Wanted = {
  /** The body byte for byte; undefined for a sample. */
  readonly data?: Uint8Array | undefined;
  readonly fixture?: string | undefined;
  readonly event?: string | undefined;
  readonly id?: string | undefined;
};
type Place = Pick<Unsigned, "url" | "public_url"> & { readonly name: string; readonly sender: Sender };
type World = { readonly now: () => number; readonly random: (bytes: number) => Uint8Array };

/** @throws CliError for a name that no header can hold, or that would have to stand in bytes that are sent as they are */
export function unsignedDelivery(place: Place, wanted: Wanted, world: World): Unsigned {
  const sample = sampleFor(place.sender);
  checkNames(sample, wanted);
  const at = world.now();
  const event = wanted.event ?? sample.event;
  const id = wanted.id ?? sample.new_id?.(Buffer.from(world.random(ID_BYTES)).toString("hex")) ?? null;
  const body = wanted.data ?? bodyOf(sample, place.name, wanted, { id: id ?? "", event, now: at });
  return {
    url: place.url,
    public_url: place.public_url,
    headers: {
      "content-type": contentType(sample, body),
      "user-agent": USER_AGENT,
      ...sample.headers,
      ...(sample.event_header === null ? {} : { [sample.event_header]: event }),
      ...(sample.id_header === null || id === null ? {} : { [sample.id_header]: id }),
    },
    body,
    id,
    at,
  };
}

function bodyOf(sample: Sample, name: string, wanted: Wanted, given: SampleGiven): Uint8Array {
  const fixture = wanted.fixture ?? (sample.body === null ? ownFixture(name) : undefined);
  if (fixture !== undefined) return fixtureBody(fixture, wanted.event, given.now);
  return Buffer.from(sample.body?.(given) ?? "");
}

const ownFixture = (name: string): string => (isFixture(name) ? name : "price-alert");

const OPENS_JSON = /^\s*[[{]/;
const OPENS_FORM = /^payload=/;

/** Of bytes that were given, as far as they show it. */
function contentType(sample: Sample, body: Uint8Array): string {
  const opening = Buffer.from(body.subarray(0, 64)).toString("latin1");
  if (OPENS_JSON.test(opening)) return JSON_TYPE;
  return OPENS_FORM.test(opening) ? FORM_TYPE : sample.content_type;
}

const NAME = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;

function checkNames({ event_header, id_header }: Sample, { data, fixture, event, id }: Wanted): void {
  for (const [flag, name] of [
    ["--event", event],
    ["--id", id],
  ] as const) {
    if (name !== undefined && !NAME.test(name))
      throw usage(`${flag} ${JSON.stringify(name)} is no name.`, "It must be printable ASCII.", `${flag} d-77`);
  }
  if (event !== undefined && event_header === null && data !== undefined)
    throw usage(
      "--event has no place here.",
      "This sender names its events in the body, and --data is sent as it is.",
      "--data alone",
    );
  if (id !== undefined && id_header === null && (data ?? fixture) !== undefined)
    throw usage(
      "--id has no place here.",
      "This sender names its deliveries in the body, which is sent as it is.",
      "--data alone",
    );
}
