/** The certificates of document hosts. Two of them are trusted by servers in a `Network`; one of these has expired. */
import { type Certificate, selfSignedCertificate } from "../interop/self-signed-certificate.ts";

/** Where the hosts of documents are in these tests. */
export const documentDomain = "documents.example";

const hosts = [`*.${documentDomain}`];

export const good: Certificate = selfSignedCertificate(Date.now(), hosts);
export const expired: Certificate = selfSignedCertificate(Date.now() - 7_200_000, hosts);
export const unknownIssuer: Certificate = selfSignedCertificate(Date.now(), hosts);

/** What a server's operator trusts. */
export const trusted: string = good.cert + expired.cert;
