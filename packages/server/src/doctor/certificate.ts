import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { type Exchange, isAnswer } from "./exchange.ts";
import type { Visit } from "./visit.ts";

const day = 86_400_000;

/** How long before its end a certificate that renews itself would have been renewed, in days. */
const renewal = 14;

/** The certificate of each host that clients meet: its end, its host, its chain. RFC 9110 §4.3.4 */
export function checkCertificates({ front, server }: Visit, now: number): readonly Check[] {
  const hosts = new Map<string, Exchange>();
  for (const exchange of [front, server?.metadata, server?.token, server?.authorization])
    if (exchange?.url.startsWith("https:")) hosts.set(new URL(exchange.url).host, hosts.get(new URL(exchange.url).host) ?? exchange);
  return [...hosts].flatMap(([host, exchange]) => checkCertificate(host, exchange, now));
}

function checkCertificate(host: string, exchange: Exchange, now: number): readonly Check[] {
  const source = "RFC 9110 §4.3.4";
  const certificate = isAnswer(exchange) ? exchange.certificate : undefined;
  if (certificate === undefined) return [];
  const { validTo, wrongHost, untrusted } = certificate;
  const left = Math.floor((validTo - now) / day);
  const until = new Date(validTo).toISOString().slice(0, 10);
  if (left < 0)
    return [
      finding("certificate", `That of ${host} ended on ${until}.`, `certbot renew --cert-name ${new URL(exchange.url).hostname}`, source),
    ];
  if (wrongHost !== undefined)
    return [
      finding(
        "certificate",
        `That of ${host} is another host's: ${quoted(wrongHost)}.`,
        `certbot --nginx -d ${new URL(exchange.url).hostname}`,
        source,
      ),
    ];
  if (untrusted !== undefined)
    return [
      finding(
        "certificate",
        `That of ${host} is not trusted: ${quoted(untrusted)}.`,
        "ssl_certificate /etc/letsencrypt/live/…/fullchain.pem; with every intermediate certificate",
        source,
      ),
    ];
  if (left < renewal)
    return [
      warning("certificate", `That of ${host} ends on ${until}, in ${left} ${left === 1 ? "day" : "days"}.`, "certbot renew", source),
    ];
  return [ok("certificate", `That of ${host} is trusted until ${until}.`)];
}
