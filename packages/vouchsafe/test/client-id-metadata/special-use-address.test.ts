import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLoopback, isSpecialUse } from "../../src/client-id-metadata/special-use-address.ts";

/** The first and the last address of each block of IPv4. RFC 6890 §2.2.2 and its registry */
const blocks4: readonly (readonly [string, string, string])[] = [
  ["this network", "0.0.0.0", "0.255.255.255"],
  ["private", "10.0.0.0", "10.255.255.255"],
  ["shared", "100.64.0.0", "100.127.255.255"],
  ["loopback", "127.0.0.0", "127.255.255.255"],
  ["link-local, with the clouds' metadata", "169.254.0.0", "169.254.255.255"],
  ["private", "172.16.0.0", "172.31.255.255"],
  ["protocol assignments", "192.0.0.0", "192.0.0.255"],
  ["documentation", "192.0.2.0", "192.0.2.255"],
  ["6to4 relays", "192.88.99.0", "192.88.99.255"],
  ["private", "192.168.0.0", "192.168.255.255"],
  ["benchmarking", "198.18.0.0", "198.19.255.255"],
  ["documentation", "198.51.100.0", "198.51.100.255"],
  ["documentation", "203.0.113.0", "203.0.113.255"],
  ["multicast", "224.0.0.0", "239.255.255.255"],
  ["reserved", "240.0.0.0", "255.255.255.255"],
];

const blocks6: readonly (readonly [string, string, string])[] = [
  ["unspecified and loopback", "::", "::1"],
  ["compatible with IPv4", "::1.2.3.4", "::93.184.216.34"],
  ["mapped private IPv4", "::ffff:10.0.0.1", "::ffff:192.168.1.1"],
  ["mapped loopback, in hexadecimal", "::ffff:7f00:1", "0:0:0:0:0:ffff:7f00:1"],
  ["translated IPv4", "::ffff:0:0:0", "::ffff:0:10.0.0.1"],
  ["NAT64", "64:ff9b::", "64:ff9b::93.184.216.34"],
  ["local NAT64", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
  ["discard-only", "100::", "100::ffff:ffff:ffff:ffff"],
  ["Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["benchmarking", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"],
  ["ORCHID", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["ORCHIDv2", "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["documentation", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["6to4 of a private address", "2002:a00:1::", "2002:7f00:1::1"],
  ["segment routing", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["link-local", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["site-local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["multicast", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["not yet in use", "4000::", "dfff::"],
];

const toNumber = (address: string): number => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");

describe("addresses that are not of the public internet, RFC 6890", () => {
  it.each([...blocks4, ...blocks6])("%s: %s to %s", (_, first, last) => {
    expect([first, last].filter((address) => !isSpecialUse(address))).toEqual([]);
  });

  it("are those of the table and no other of IPv4, also mapped into IPv6", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (value) => {
        const address = toAddress(value);
        const isInBlock = blocks4.some(([, first, last]) => toNumber(first) <= value && value <= toNumber(last));
        if (isInBlock) expect(isSpecialUse(address)).toBe(true);
        expect(isSpecialUse(`::ffff:${address}`)).toBe(isSpecialUse(address));
      }),
      { numRuns: 500 },
    );
  });

  it("are all that IPv6 has outside 2000::/3", () => {
    const group = fc.nat(0xffff).map((value) => value.toString(16));
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(group, { minLength: 7, maxLength: 7 }), (first, rest) => {
        fc.pre(first >> 13 !== 1);
        expect(isSpecialUse([first.toString(16), ...rest].join(":"))).toBe(true);
      }),
    );
  });

  it.each(["8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "192.0.3.0", "223.255.255.255"])(
    "are not %s",
    (address) => {
      expect(isSpecialUse(address)).toBe(false);
    },
  );

  it.each(["2606:2800:220:1::1", "2a00:1450:4001::1", "2001:4860:4860::8888", "2003::1", "2400:cb00::1"])("are not %s", (address) => {
    expect(isSpecialUse(address)).toBe(false);
  });

  it("are also all texts that are no address", () => {
    for (const text of ["", "localhost", "printer.example", "1.2.3.4.5", "1::2::3", "8.8.8.8/8", " 8.8.8.8"])
      expect(isSpecialUse(text), text).toBe(true);
  });
});

describe("this computer's own addresses", () => {
  it("are 127.0.0.0/8 and ::1, also mapped, and no other", () => {
    for (const address of ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"]) expect(isLoopback(address), address).toBe(true);
    for (const address of ["0.0.0.0", "::", "10.0.0.1", "8.8.8.8", "fe80::1", "localhost", ""])
      expect(isLoopback(address), address).toBe(false);
  });
});
