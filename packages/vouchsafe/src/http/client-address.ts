import { isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * The address the request came from: the connection's, or, behind trusted proxies, the right-most address in
 * `X-Forwarded-For` that is not one of theirs. Whatever stands further left, anybody could have written.
 * `trust`: a number of proxies, or their addresses and CIDR blocks.
 */
export function clientAddress(connection: string | undefined, forwardedFor: string | null, trust: number | readonly string[]): string {
  if (trust === 0 && connection !== undefined && isIPv4(connection)) return connection;
  const hops = [...(forwardedFor?.split(",").map((hop) => hop.trim()) ?? []), connection ?? ""].reverse();
  const untrusted = typeof trust === "number" ? hops[Math.min(trust, hops.length - 1)] : hops.find((hop) => !isTrusted(hop, trust));
  return normalAddress(untrusted ?? connection ?? "") ?? "unknown";
}

function isTrusted(hop: string, trusted: readonly string[]): boolean {
  const address = parse(hop);
  return address !== undefined && trusted.some((entry) => isWithin(address, entry));
}

function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, entry: string): boolean {
  const [network, bits] = ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : [ipaddr.process(entry), undefined];
  if (network.kind() !== address.kind()) return false;
  return address.match(network, bits ?? (network.kind() === "ipv4" ? 32 : 128));
}

/** Whether the text can stand in a list of trusted proxies. */
export const isAddressOrBlock = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** One spelling for each address: `::ffff:127.0.0.1` is `127.0.0.1`. */
const normalAddress = (text: string): string | undefined => parse(text)?.toString();

/** What limits count by: an IPv4 address, or an IPv6 /64, since one customer has all of it. */
export function addressBlock(address: string): string {
  if (isIPv4(address)) return address;
  const parsed = parse(address);
  if (parsed === undefined || parsed.kind() === "ipv4") return address;
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

const parse = (text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined => (ipaddr.isValid(text) ? ipaddr.process(text) : undefined);
