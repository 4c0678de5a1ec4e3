import { browserNamed } from "./browser-name.ts";

/**
 * What asked, by its `User-Agent`: a browser by its name, anything else by the first product, such as `claude-code`. Of whatever
 * else is in it nothing is kept. RFC 9110 §10.1.5
 */
export async function clientFamily(userAgent: string): Promise<string | undefined> {
  const [product] = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}/.exec(userAgent) ?? [];
  return product === "Mozilla" ? (await browserNamed(userAgent))?.browser : product;
}
