import type { Configuration } from "./config.ts";
import { type Brand, knownBrands } from "./protocol/brands.ts";
import { foldBrands, foldFillers, foldName, isHostOf, pretendsToBe } from "./protocol/impersonation.ts";

/** The brand that a name pretends to be, where the answer would go to a host that is none of the brand's. */
export type BrandCheck = (name: string, host: string) => Promise<Brand | undefined>;

/** The known brands, the operator's own list, and the host app itself. */
export function createBrandCheck({
  branding,
  issuer,
  protectedBrands,
}: Pick<Configuration, "branding" | "issuer" | "protectedBrands">): BrandCheck {
  const self = { name: branding.name, hosts: [new URL(issuer).hostname] };
  const load = async () => {
    // The table of look-alikes is loaded with the first name that needs it.
    const { default: skeleton } = await import("unhomoglyph");
    const brands = foldBrands([self, ...protectedBrands, ...knownBrands], skeleton);
    return { skeleton, brands, fillers: foldFillers(skeleton) };
  };
  let loading: ReturnType<typeof load> | undefined;
  return async (clientName, host) => {
    loading ??= load();
    const { skeleton, brands, fillers } = await loading;
    // "ClaudeCode" is read as two words.
    const readings = [clientName, clientName.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")].map((text) => foldName(text, skeleton));
    return brands.find((brand) => readings.some((words) => pretendsToBe(words, brand, fillers)) && !isHostOf(host, brand));
  };
}
