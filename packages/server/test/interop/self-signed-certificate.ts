/** A certificate for this computer's loopback address, and for names, that a test makes, trusts and throws away. X.509 in DER. RFC 5280 §4.1 */
import { generateKeyPairSync, sign } from "node:crypto";

/** Both in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** It is good for an hour before and after `now`. */
export function selfSignedCertificate(now = Date.now(), hosts: readonly string[] = ["localhost"]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(commonName, text("Vouchsafe test"))));
  const hour = 3_600_000;
  const toBeSigned = sequence(
    tagged(0xa0, integer(2)), // version 3
    integer(now),
    ecdsaWithSha256,
    name,
    sequence(time(now - hour), time(now + hour)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(
      0xa3,
      sequence(extension(basicConstraints, sequence(boolean)), extension(subjectAltName, sequence(...hosts.map(dnsName), loopback))),
    ),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ecdsaWithSha256, tagged(0x03, Buffer.of(0), signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: ["-----BEGIN CERTIFICATE-----", ...lines(certificate.toString("base64")), "-----END CERTIFICATE-----", ""].join("\n"),
  };
}

const lines = (base64: string): readonly string[] => base64.match(/.{1,64}/g) ?? [];

function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const bytes = Buffer.from(body.length.toString(16).padStart(body.length < 0x100 ? 2 : 4, "0"), "hex");
  return Buffer.concat([Buffer.of(tag), body.length < 0x80 ? bytes : Buffer.concat([Buffer.of(0x80 + bytes.length), bytes]), body]);
}

const sequence = (...content: readonly Buffer[]): Buffer => tagged(0x30, ...content);
const set = (...content: readonly Buffer[]): Buffer => tagged(0x31, ...content);
const text = (value: string): Buffer => tagged(0x0c, Buffer.from(value));
const identifier = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
const extension = (oid: Buffer, value: Buffer): Buffer => sequence(oid, tagged(0x04, value));

/** A leading zero byte keeps it positive. */
const integer = (value: number): Buffer => {
  const hex = value.toString(16);
  return tagged(0x02, Buffer.from(`00${hex.length % 2 === 0 ? "" : "0"}${hex}`.replace(/^00(?=[0-7])/, ""), "hex"));
};

/** `YYMMDDHHMMSSZ` */
const time = (at: number): Buffer => tagged(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, "").slice(2, 14)}Z`));

const commonName = identifier("550403");
const basicConstraints = identifier("551d13");
const subjectAltName = identifier("551d11");
const ecdsaWithSha256 = sequence(identifier("2a8648ce3d040302"));
const boolean = tagged(0x01, Buffer.of(0xff));
const dnsName = (host: string): Buffer => tagged(0x82, Buffer.from(host));
const loopback = tagged(0x87, Buffer.of(127, 0, 0, 1));
