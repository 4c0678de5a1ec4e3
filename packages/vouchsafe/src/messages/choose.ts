/**
 * The catalogue that suits best: what the client asks for on the person's behalf (`ui_locales`, OpenID Connect Core
 * §3.1.2.1), then what their browser prefers (RFC 9110 §12.5.4), then the first. A language of a country is served by the
 * language.
 */
export function chooseMessages<Catalogue extends { readonly language: string }>(
  catalogues: readonly [Catalogue, ...Catalogue[]],
  uiLocales: string,
  acceptLanguage: string,
): Catalogue {
  const wanted = [...uiLocales.split(" "), ...preferred(acceptLanguage)].slice(0, 20);
  for (const tag of wanted) {
    const found = catalogues.find(({ language }) => covers(language, tag.toLowerCase()));
    if (found !== undefined) return found;
  }
  return catalogues[0];
}

const covers = (language: string, tag: string): boolean => tag === language.toLowerCase() || tag.startsWith(`${language.toLowerCase()}-`);

/** Language tags, the most wanted first. */
function preferred(acceptLanguage: string): readonly string[] {
  return acceptLanguage
    .slice(0, 500)
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.split(";").map((text) => text.trim());
      const quality = parameters.map((parameter) => /^q=([01](?:\.\d{0,3})?)$/i.exec(parameter)?.[1]).find((value) => value !== undefined);
      return { tag, quality: Number(quality ?? 1) };
    })
    .filter(({ tag, quality }) => tag !== "" && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
