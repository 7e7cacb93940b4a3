import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPublicAddress } from "../../../src/notify/addresses.ts";

fc.configureGlobal({ seed: 1, numRuns: 500 });

describe("an address is not public when it is", () => {
  test.each([
    ["this network", "0.0.0.0"],
    ["this network's last", "0.255.255.255"],
    ["private, 10/8", "10.1.2.3"],
    ["carrier-grade NAT", "100.64.0.1"],
    ["carrier-grade NAT's last", "100.127.255.255"],
    ["loopback", "127.0.0.1"],
    ["loopback's last", "127.255.255.255"],
    ["link-local, where clouds keep their metadata", "169.254.169.254"],
    ["private, 172.16/12", "172.16.0.1"],
    ["private, 172.16/12's last", "172.31.255.255"],
    ["protocol assignments", "192.0.0.8"],
    ["documentation", "192.0.2.1"],
    ["the 6to4 relay", "192.88.99.1"],
    ["private, 192.168/16", "192.168.1.1"],
    ["benchmarks", "198.19.255.255"],
    ["documentation, second", "198.51.100.7"],
    ["documentation, third", "203.0.113.7"],
    ["multicast", "224.0.0.1"],
    ["multicast's last", "239.255.255.255"],
    ["reserved", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["unspecified, IPv6", "::"],
    ["loopback, IPv6", "::1"],
    ["IPv4-mapped loopback", "::ffff:127.0.0.1"],
    ["IPv4-mapped, of a public address", "::ffff:8.8.8.8"],
    ["IPv4-mapped in hex", "::ffff:7f00:1"],
    ["IPv4-compatible", "::7f00:1"],
    ["IPv4-translated", "::ffff:0:7f00:1"],
    ["NAT64", "64:ff9b::7f00:1"],
    ["local NAT64", "64:ff9b:1::7f00:1"],
    ["discard-only", "100::1"],
    ["Teredo", "2001::1"],
    ["ORCHID", "2001:20::1"],
    ["documentation, IPv6", "2001:db8::1"],
    ["6to4 of loopback", "2002:7f00:1::"],
    ["documentation, newer", "3fff::1"],
    ["segment routing", "5f00::1"],
    ["unique local", "fc00::1"],
    ["unique local, fd", "fd12:3456::1"],
    ["link-local, IPv6", "fe80::1"],
    ["link-local with a zone", "fe80::1%eth0"],
    ["public with a zone", "2606:4700::1%eth0"],
    ["site-local", "fec0::1"],
    ["multicast, IPv6", "ff02::1"],
    ["nothing", ""],
    ["a name", "localhost"],
    ["a number", "2130706433"],
  ])("%s: %j", (_says, address) => expect(isPublicAddress(address)).toBe(false));
});

describe("an address is public beside those", () => {
  test.each([
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700:4700::1111",
    "2a00:1450::1",
  ])("%s", (address) => expect(isPublicAddress(address)).toBe(true));
});

test("what carries an IPv4 address within it is never public, whichever it carries", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const carriers = (a: number, b: number, c: number, d: number): readonly string[] => {
    const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
    return [`::ffff:${hex}`, `::${hex}`, `::ffff:0:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::`, `2001:0:${hex}::1`];
  };
  fc.assert(
    fc.property(byte, byte, byte, byte, (a, b, c, d) => {
      expect(carriers(a, b, c, d).filter(isPublicAddress)).toEqual([]);
    }),
  );
});
