import type { RawDelivery } from "../core/delivery.ts";

/** What a host may be written with: whatever else stands there is made into no URL. */
const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;

/** Where a request says that it was sent to. The sender's word and the proxies': good for a guess, never for a verdict. */
export function publicUrls({ headers }: RawDelivery): readonly string[] {
  const hosts = ["x-forwarded-host", "host"]
    .flatMap((name) => headers.get(name) ?? [])
    .filter((host) => HOST.test(host));
  return [...new Set(hosts.flatMap((host) => [`https://${host}`, `http://${host}`]))].slice(0, 3);
}
