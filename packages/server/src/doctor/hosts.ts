import { BlockList, isIP } from "node:net";

const networks = new BlockList();
for (const [network, bits] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
  ["0.0.0.0", 8],
] as const)
  networks.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  networks.addSubnet(network, bits, "ipv6");

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "").toLowerCase();

/** Whether the host of a URL is this very computer. */
export const isLoopback = ({ hostname }: URL): boolean =>
  /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(bare(hostname)) || hostname.endsWith(".localhost");

/** Whether the host of a URL means nothing outside its own network: a private address, or a name without a dot. */
export function isInternal(url: URL): boolean {
  const host = bare(url.hostname);
  const family = isIP(host);
  if (family === 0) return isLoopback(url) || !host.includes(".") || /\.(?:internal|local|lan|svc)$/.test(host);
  return isLoopback(url) || networks.check(host, family === 6 ? "ipv6" : "ipv4");
}
