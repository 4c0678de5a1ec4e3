import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { ConfigurationError } from "vouchsafe";

/** Where the logo is. */
export const logoPath = "/logo";

const mediaTypes: Readonly<Record<string, string>> = {
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webp": "image/webp",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
};

/**
 * Serves a file as the logo. Opened by itself, an SVG is a document that could run scripts; the policy lets none.
 * @throws ConfigurationError
 */
export function serveLogo(file: string): () => Response {
  const mediaType = mediaTypes[extname(file).toLowerCase()];
  if (mediaType === undefined) throw new ConfigurationError([`OAUTH_LOGO: ${file} is no ${Object.keys(mediaTypes).join(", ")}`]);
  const picture = readLogo(file);
  const headers = {
    "content-type": mediaType,
    "cache-control": "public, max-age=3600",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
  };
  return () => new Response(picture, { headers });
}

function readLogo(file: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigurationError([`OAUTH_LOGO: ${file} cannot be read: ${(error as Error).message}`]);
  }
}
