/** What a request that failed looks like, when nothing could be proved: by which headers it has, never by what they say. */
import type { RawDelivery } from "../core/delivery.ts";
import type { SignatureFault } from "../core/refusals.ts";
import { providers } from "../providers/index.ts";
import type { Provider } from "../providers/provider.ts";
import type { LikelyCause, LikelyCauses } from "./cause.ts";
import { markCount } from "./sender-marks.ts";

const GZIP = Buffer.from([0x1f, 0x8b]);
/** What stands where bytes of another encoding were read as UTF-8. */
const REPLACEMENT = Buffer.from("\ufffd");

/** Never empty, the likeliest first. */
export function suspicionsOf(
  raw: RawDelivery,
  provider: Provider,
  secrets: readonly Uint8Array[],
  fault: SignatureFault,
): LikelyCauses {
  const [first, ...more] = [
    ...lookAlike(raw, provider),
    ...ofSecrets(raw, provider, secrets),
    ...ofBody(raw, fault),
    ...ofFault(raw, provider, fault),
  ].toSorted((a, b) => SURENESS.indexOf(a.sure) - SURENESS.indexOf(b.sure));
  return [first ?? UNKNOWN, ...more];
}

const SURENESS: readonly LikelyCause["sure"][] = ["proved", "likely", "possible"];

const UNKNOWN: LikelyCause = {
  kind: "unknown",
  sure: "possible",
  says: "it is signed with another secret, or its body was changed on the way",
  try: "enter this webhook's secret at the sender again, and look at what stands between the two",
};

function ofFault(raw: RawDelivery, provider: Provider, fault: SignatureFault): readonly LikelyCause[] {
  const header = provider.schemes[0].headers[0];
  switch (fault) {
    case "NO_SIGNATURE":
      return [unsigned(raw, provider, header)];
    case "REPEATED":
      return [
        {
          kind: "header",
          sure: "likely",
          says: "a header that must stand once stands there more often",
          try: "let the proxy before this daemon pass headers on as they are",
        },
      ];
    case "MALFORMED":
      return [
        {
          kind: "header",
          sure: "possible",
          says: `${header} is there, and not as ${provider.name} writes it`,
          try: "look which provider this webhook has in desk.toml, and who sends to it",
        },
      ];
    case "NO_TIME":
      return [
        {
          kind: "header",
          sure: "likely",
          says: "the signed time is missing",
          try: "let the proxy before this daemon pass all headers on",
        },
      ];
    case "REENCODED":
      return [
        {
          kind: "body",
          sure: "likely",
          says: "its body was compressed, and what was signed is no longer there to check",
          try: "switch off the compression of requests at the sender, or at the proxy before this daemon",
        },
      ];
    case "MISMATCH":
    case "TOO_OLD":
    case "IN_FUTURE":
      return [UNKNOWN];
  }
}

/** The scheme that decides wants secrets of a form that none of these has. */
function ofSecrets(raw: RawDelivery, { schemes }: Provider, secrets: readonly Uint8Array[]): readonly LikelyCause[] {
  const deciding = schemes.find(({ headers }) => headers.some((name) => raw.headers.has(name)));
  if (deciding === undefined || !deciding.secret.prefix_required) return [];
  const { headers, secret } = deciding;
  const prefix = Buffer.from(secret.prefix);
  if (secrets.some((each) => Buffer.from(each.subarray(0, prefix.length)).equals(prefix))) return [];
  return [
    {
      kind: "secret",
      sure: "likely",
      says: `its ${headers[0]} decides, and none of this webhook's secrets is one for it: they begin with ${secret.prefix}`,
      try: `add the sender's ${secret.prefix}… secret to the list of this webhook's secrets`,
    },
  ];
}

/** A sender that is known by its other headers, or a stranger. */
function unsigned(raw: RawDelivery, provider: Provider, header: string): LikelyCause {
  if (markCount(raw, provider) > 0)
    return {
      kind: "unsigned",
      sure: "likely",
      says: `it looks like ${provider.name} and has no ${header}: no secret is set there, or a proxy drops the header`,
      try: `set the secret at the sender; then look whether the proxy passes ${header} on`,
    };
  return {
    kind: "unsigned",
    sure: "possible",
    says: `it has no ${header}, and nothing else of ${provider.name}: most likely somebody else's request`,
    try: "nothing, unless a sender of yours is missing its deliveries",
  };
}

function ofBody({ body }: RawDelivery, fault: SignatureFault): readonly LikelyCause[] {
  if (fault !== "MISMATCH") return [];
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (bytes.subarray(0, GZIP.length).equals(GZIP))
    return [
      {
        kind: "body",
        sure: "likely",
        says: "its body is compressed, and no header says so any more",
        try: "switch off the compression of requests at the sender, or at the proxy before this daemon",
      },
    ];
  if (!bytes.includes(REPLACEMENT)) return [];
  return [
    {
      kind: "body",
      sure: "likely",
      says: "its body was decoded in the wrong character encoding on the way: it holds replacement characters",
      try: "let whatever stands between the sender and this daemon pass bodies on byte by byte",
    },
  ];
}

/** The presets that it has more headers of than of its own. */
function lookAlike(raw: RawDelivery, own: Provider): readonly LikelyCause[] {
  const others: readonly Provider[] = Object.values(providers).filter(({ name }) => name !== own.name);
  const most = Math.max(...others.map((provider) => markCount(raw, provider)));
  if (most <= markCount(raw, own)) return [];
  const names = others.filter((provider) => markCount(raw, provider) === most).map(({ name }) => name);
  return [
    {
      kind: "sender",
      sure: "likely",
      says: `it looks like ${names.join(" or ")}, and this webhook takes ${own.name}`,
      try: `provider = "${names[0] ?? own.name}" for this webhook in desk.toml, or another URL at the sender`,
    },
  ];
}
