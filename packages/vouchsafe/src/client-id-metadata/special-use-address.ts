import ipaddr from "ipaddr.js";

/**
 * Whether an address is anything but a host of the public internet: private, loopback, link-local, shared, reserved,
 * multicast, or one that hides an IPv4 address in itself (mapped, NAT64, 6to4, Teredo). RFC 6890
 */
export function isSpecialUse(text: string): boolean {
  // `::1.2.3.4` is an IPv6 address of a range that is gone (RFC 4291 §2.5.5.1), and is easily read as the IPv4 address.
  if (!ipaddr.isValid(text) || /^::\d+\./.test(text)) return true;
  const address = ipaddr.process(text);
  if (address.range() !== "unicast") return true;
  return address instanceof ipaddr.IPv6 && !address.match(globalUnicast);
}

/** All that is in use of IPv6. IANA IPv6 Global Unicast Address Space registry */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

export const isLoopback = (text: string): boolean => ipaddr.isValid(text) && ipaddr.process(text).range() === "loopback";
