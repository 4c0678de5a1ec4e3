import { type Accent, papers } from "./accent.ts";

/** One stylesheet for every page. Inline, so that a page is one answer; its hash is in the Content-Security-Policy. */
export const stylesheetFor = ({ light, dark }: Accent): string =>
  `
:root{color-scheme:light dark;--ink:#1b1d22;--soft:#5b616e;--line:#d9dce3;--paper:${papers.light[0]};--ground:${papers.light[1]};--accent:${light};--on-accent:#fff;--note:#fff7df;--note-line:#e3c766}
@media (prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#a9b0bd;--line:#3b404b;--paper:${papers.dark[0]};--ground:${papers.dark[1]};--accent:${dark};--on-accent:#000;--note:#332b12;--note-line:#8a7327}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:30rem;margin:0 auto;padding-top:1.25rem}
main>header,main>footer{padding:0 1.25rem;color:var(--soft);display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;font-size:.9rem}
main>header strong{color:var(--ink)}
main>header img{max-width:8rem}
main>header span{margin-inline-start:auto}
.card{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:1rem 0}
@media (max-width:32rem){.card{border-width:1px 0;border-radius:0}}
h1{font-size:1.35rem;line-height:1.25;margin:0 0 .75rem}
h2,legend{font-size:1rem;font-weight:600;margin:1rem 0 .25rem;padding:0}
p{margin:.5rem 0}
a{color:var(--accent)}
.soft{color:var(--soft);font-size:.9rem}
.note{background:var(--note);border:1px solid var(--note-line);border-radius:.5rem;padding:.6rem .8rem;margin:.75rem 0}
fieldset{border:0;margin:0;padding:0;min-width:0}
label{display:flex;gap:.6rem;align-items:baseline;padding:.3rem 0}
label.field{display:block;font-weight:600}
input[type=checkbox],input[type=radio]{width:1.1rem;height:1.1rem;margin:0;flex:none;accent-color:var(--accent);transform:translateY(.15rem)}
input[type=email],input[type=password],input[type=text],input[type=date]{display:block;width:100%;font:inherit;font-weight:400;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:.4rem;padding:.6rem .7rem;margin-top:.25rem}
.choices{display:flex;flex-wrap:wrap;gap:0 1.25rem}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0 .25rem}
.actions>*{flex:1 1 9rem}
button,.button{font:inherit;font-weight:600;text-align:center;text-decoration:none;min-height:2.75rem;padding:.55rem 1rem;border-radius:.5rem;border:1px solid var(--accent);background:var(--paper);color:var(--accent);cursor:pointer}
.button{display:inline-block;margin:.5rem 0}
.actions .button{margin:0}
button.primary,.button.primary{background:var(--accent);color:var(--on-accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
ul.rows{list-style:none;margin:0;padding:0}
ul.rows>li{border-top:1px solid var(--line);padding:.75rem 0}
.row{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;align-items:baseline}
details{margin:.75rem 0}
summary{cursor:pointer;color:var(--soft);font-size:.9rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem .8rem;font-size:.85rem;margin:.5rem 0}
dt{color:var(--soft)}dd{margin:0}
code{font:.85rem/1.4 ui-monospace,monospace}
.address+button{margin:.5rem 0}
.address{display:block;background:var(--ground);border:1px solid var(--line);border-radius:.4rem;padding:.5rem .7rem;user-select:all}
`.trim();
