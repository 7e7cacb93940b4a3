import { describe, expect, test } from "vitest";
import { customProvider } from "../../../src/providers/custom.ts";
import { providers } from "../../../src/providers/index.ts";
import { isCredential, keptHeaders } from "../../../src/providers/kept-headers.ts";
import type { Provider } from "../../../src/providers/provider.ts";
import { hmacOfBody } from "../../../src/providers/scheme.ts";

const presets: readonly (readonly [string, Provider])[] = Object.entries(providers);
const CREDENTIALS = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "api-key",
  "x-auth-token",
  "x-gitlab-token",
  "private-token",
  "x-hook-secret",
  "x-amz-security-token",
  "x-goog-iap-jwt-assertion",
  "x-some-password",
  "x-session-token",
  "x-acme-access-key",
  "x-refresh-token",
];

test.each(CREDENTIALS)("%s is a credential", (name) => expect(isCredential(name)).toBe(true));

describe.each(presets)("%s", (_name, provider) => {
  test("lists no header that carries a credential: nothing that it wants kept is taken off", () => {
    expect(keptHeaders(provider)).toEqual(provider.headers_kept);
  });

  test("keeps none, though its list had them all", () => {
    const greedy = { ...provider, headers_kept: [...provider.headers_kept, ...CREDENTIALS] };
    expect(keptHeaders(greedy)).toEqual(provider.headers_kept);
  });

  test("keeps no header that holds its secret", () => {
    const tokens = provider.schemes
      .filter(({ algorithm }) => algorithm === "token")
      .flatMap(({ headers }) => [...headers]);
    const greedy = { ...provider, headers_kept: [...provider.headers_kept, ...tokens] };
    expect(keptHeaders(greedy).filter((name) => tokens.includes(name))).toEqual([]);
  });
});

test("gitlab has a header that holds its secret: the rule above is about something", () => {
  expect(providers.gitlab.schemes.filter(({ algorithm }) => algorithm === "token").length).toBeGreaterThan(0);
});

describe("a sender that a person describes", () => {
  const sender = (over: Partial<Parameters<typeof customProvider>[0]>) =>
    customProvider({
      scheme: hmacOfBody("x-sig", ""),
      id_header: null,
      event_header: null,
      ack_status: 202,
      handshake: null,
      ...over,
    });

  test.each(CREDENTIALS)("does not get %s kept under whatever key", (name) => {
    const all = [
      sender({ id_header: name, event_header: name }),
      sender({ scheme: { ...hmacOfBody("x-sig", ""), id_headers: [name] } }),
      sender({ scheme: hmacOfBody(name, "") }),
      sender({ scheme: { ...hmacOfBody(name, ""), algorithm: "token" } }),
    ];
    for (const provider of all) expect(keptHeaders(provider)).not.toContain(name);
  });

  test("does not get the header kept that holds the secret, whatever it is called", () => {
    const scheme = { ...hmacOfBody("x-plain", ""), algorithm: "token" as const };
    expect(keptHeaders(sender({ scheme, id_header: "x-plain" }))).not.toContain("x-plain");
  });
});
