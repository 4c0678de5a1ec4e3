import { type Html, html } from "./html.ts";

/**
 * The only script of our pages, and none of them needs it: it shows the buttons that copy, which without it are not there.
 * Its hash is in the Content-Security-Policy of the pages that have one.
 */
export const copyScript =
  'for(const b of document.querySelectorAll("button[data-copy]")){b.hidden=false;b.onclick=async()=>{await navigator.clipboard.writeText(b.dataset.copy);b.textContent=b.dataset.copied}}';

/** An address to be taken elsewhere: it can be selected, and copied where there is script. */
export function copyableText(text: string, { copy, copied }: { readonly copy: string; readonly copied: string }): Html {
  return html`<code class="address">${text}</code><button type="button" hidden data-copy="${text}" data-copied="${copied}" aria-live="polite">${copy}</button>`;
}
