/**
 * Which IP addresses belong to the public Internet (IANA's registries of special-purpose addresses). Of IPv6 only what is given out as
 * global unicast is public, and of that not what carries an IPv4 address or a tunnel within it, or is set aside for documents.
 */
import { BlockList, isIP } from "node:net";

const SPECIAL_V4: readonly (readonly [network: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
const SPECIAL_V6: readonly (readonly [network: string, prefix: number])[] = [
  // Teredo, ORCHID, benchmarks and the rest of the protocol assignments.
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];
/** Everything else is none: `::/8` with the mapped addresses, NAT64, unique local, link-local, multicast. */
const GLOBAL_UNICAST = ["2000::", 3] as const;

const special = new BlockList();
for (const [network, prefix] of SPECIAL_V4) special.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of SPECIAL_V6) special.addSubnet(network, prefix, "ipv6");
const unicast = new BlockList();
unicast.addSubnet(...GLOBAL_UNICAST, "ipv6");

/** False also for what is no address. */
export function isPublicAddress(text: string): boolean {
  switch (isIP(text)) {
    case 4:
      return !special.check(text, "ipv4");
    case 6:
      // An address with a zone is a local one, whatever it looks like.
      return !text.includes("%") && unicast.check(text, "ipv6") && !special.check(text, "ipv6");
    default:
      return false;
  }
}
