import { describe, expect, it } from "vitest";
import { addressBlock, clientAddress, isAddressOrBlock } from "../../src/http/client-address.ts";

describe("the client's address, RFC 7239 §8.1", () => {
  it("is the connection's where nobody is trusted, whatever was forwarded", () => {
    expect(clientAddress("203.0.113.7", "198.51.100.1", 0)).toBe("203.0.113.7");
    expect(clientAddress("2001:db8::1", "198.51.100.1", 0)).toBe("2001:db8::1");
    expect(clientAddress("203.0.113.7", "198.51.100.1", [])).toBe("203.0.113.7");
  });

  it("counts trusted proxies from the right", () => {
    expect(clientAddress("10.0.0.1", "198.51.100.1", 1)).toBe("198.51.100.1");
    expect(clientAddress("10.0.0.1", "6.6.6.6, 198.51.100.1", 1)).toBe("198.51.100.1");
    expect(clientAddress("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", 2)).toBe("198.51.100.1");
    expect(clientAddress("10.0.0.1", null, 1)).toBe("10.0.0.1");
  });

  it("is the right-most address that is no trusted proxy's", () => {
    const proxies = ["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.9"];
    expect(clientAddress("10.0.0.1", "6.6.6.6, 198.51.100.1, 192.0.2.9, 2001:db8:ffff::3", proxies)).toBe("198.51.100.1");
    expect(clientAddress("198.51.100.9", "6.6.6.6", proxies)).toBe("198.51.100.9");
    expect(clientAddress("10.0.0.1", "10.0.0.2", proxies)).toBe("10.0.0.1");
    expect(clientAddress("10.0.0.1", null, proxies)).toBe("10.0.0.1");
  });

  it("has one spelling: an IPv4 address in IPv6 clothes is the IPv4 address", () => {
    expect(clientAddress("::ffff:127.0.0.1", null, 0)).toBe("127.0.0.1");
    expect(clientAddress("2001:0DB8:0:0::0001", null, 0)).toBe("2001:db8::1");
    expect(clientAddress("::ffff:10.0.0.1", "198.51.100.1", ["10.0.0.0/8"])).toBe("198.51.100.1");
  });

  it("is unknown where a trusted proxy forwards nonsense, and never the nonsense", () => {
    expect(clientAddress("10.0.0.1", "<script>", 1)).toBe("unknown");
    expect(clientAddress("10.0.0.1", "6.6.6.6, nonsense", ["10.0.0.1"])).toBe("unknown");
    expect(clientAddress(undefined, null, 0)).toBe("unknown");
  });
});

describe("what limits count by", () => {
  it("is an IPv4 address, or the /64 of an IPv6 address", () => {
    expect(addressBlock("203.0.113.7")).toBe("203.0.113.7");
    expect(addressBlock("2001:db8:1:2:aaaa::1")).toBe("2001:db8:1:2::/64");
    expect(addressBlock("2001:db8:1:2:bbbb::2")).toBe(addressBlock("2001:db8:1:2:aaaa::1"));
    expect(addressBlock("2001:db8:1:3::1")).not.toBe(addressBlock("2001:db8:1:2::1"));
    expect(addressBlock("unknown")).toBe("unknown");
  });
});

describe("what a list of trusted proxies can hold", () => {
  it("holds addresses and CIDR blocks", () => {
    expect(["10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32"].every(isAddressOrBlock)).toBe(true);
    expect(["", "proxy.example", "10.0.0.0/33", "10.0.0.256"].some(isAddressOrBlock)).toBe(false);
  });
});
