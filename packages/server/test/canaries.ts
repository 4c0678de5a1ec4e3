import { randomBytes } from "node:crypto";

/** Secrets that are told from any other text, and the ways in which one can stand somewhere where it must not. */
export class Canaries {
  readonly #secrets = new Map<string, string>();

  /** From now on this is looked for. */
  keep(what: string, secret: string): string {
    if (secret.length < 10) throw new Error(`${what} is too short to be told from other text: ${JSON.stringify(secret)}`);
    this.#secrets.set(what, secret);
    return secret;
  }

  /** A new one of letters, digits and a hyphen. */
  plain(what: string): string {
    return this.keep(what, `canary-${randomBytes(16).toString("hex")}`);
  }

  /** What stands there, in whatever form. */
  foundIn(place: Uint8Array | string): readonly string[] {
    const content = Buffer.from(place);
    const lower = Buffer.from(content.toString("latin1").toLowerCase(), "latin1");
    return [...this.#secrets].flatMap(([what, secret]) => {
      const { exact, anyCase } = formsOf(secret);
      return exact.some((form) => content.includes(form)) || anyCase.some((form) => lower.includes(form.toLowerCase())) ? [what] : [];
    });
  }
}

/** As it is, and as JSON, HTML, a form, a header or a dump would write it. */
export function formsOf(secret: string): { readonly exact: readonly string[]; readonly anyCase: readonly string[] } {
  const bytes = Buffer.from(secret);
  const escaped = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
  const within = [0, 1, 2].map((offset) => base64Within(bytes, offset));
  const exact = [secret, JSON.stringify(secret).slice(1, -1), escaped, ...within, ...within.map(asBase64url)];
  const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const form = new URLSearchParams({ "": secret }).toString().slice(1);
  return { exact: [...new Set(exact)], anyCase: [encodeURIComponent(secret), form, percent, bytes.toString("hex")] };
}

/** The characters of base64 that are the secret's alone, where it stands behind so many other bytes. */
function base64Within(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const first = Math.ceil((offset * 8) / 6);
  return encoded.slice(first, Math.floor(((offset + bytes.length) * 8) / 6));
}

const asBase64url = (encoded: string): string => encoded.replaceAll("+", "-").replaceAll("/", "_");
