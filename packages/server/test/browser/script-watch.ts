/** Somebody who notices when a page runs a script, or has an element or attribute that we did not write. */
import type { Page } from "playwright-core";
import { copyScript } from "vouchsafe/pages";

/** What a hostile value calls. */
export const attack = "hacked()";

const ourElements =
  "html head meta title style body header strong span main nav h1 h2 p b a form input label fieldset legend div button details summary dl dt dd code ul li footer img";
const ourAttributes =
  "lang dir charset name content http-equiv class href rel method action type value checked disabled required autocomplete maxlength minlength role id aria-label aria-labelledby aria-live hidden data-copied target src alt height";
/** Where a link or the refresh may lead: to us, to a website, or to the app of the redirect URI. */
const ourSchemes = "http: https: cursor:";

export class ScriptWatch {
  /** Every script that ran, and every dialog that one opened. */
  readonly executions: string[] = [];
  readonly #page: Page;

  static async over(page: Page): Promise<ScriptWatch> {
    const watch = new ScriptWatch(page);
    await page.exposeFunction("hacked", () => void watch.executions.push(page.url()));
    page.on("dialog", (dialog) => {
      watch.executions.push(dialog.message());
      void dialog.dismiss();
    });
    return watch;
  }

  private constructor(page: Page) {
    this.#page = page;
  }

  /** What on the page is not ours. */
  strangers(): Promise<readonly string[]> {
    return this.#page.evaluate(
      ({ elements, attributes, schemes, ownScript }) =>
        [...document.querySelectorAll("*")]
          .filter((element) => element.outerHTML !== ownScript)
          .flatMap((element) => [
            ...(elements.includes(element.localName) ? [] : [`<${element.localName}>`]),
            ...[...element.attributes].flatMap(({ name, value }) => {
              const target =
                name === "href" ? value : element.matches("meta[http-equiv]") && name === "content" ? value.replace(/^\d;url=/, "") : "";
              const scheme = new URL(target, document.baseURI).protocol;
              if (name === "data-copy") return value === element.previousElementSibling?.textContent ? [] : [`${name}="${value}"`];
              return attributes.includes(name) && schemes.includes(scheme) ? [] : [`${name}="${value}"`];
            }),
          ]),
      {
        elements: ourElements.split(" "),
        attributes: ourAttributes.split(" "),
        schemes: ourSchemes.split(" "),
        ownScript: `<script>${copyScript}</script>`,
      },
    );
  }
}
