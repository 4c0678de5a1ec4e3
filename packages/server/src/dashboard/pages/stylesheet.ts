/** What the dashboard needs besides the stylesheet of every page: room, tables, and the colours of its charts. */
export const dashboardStyles = `
:root{--c1:#2059b5;--c2:#0b7a70;--c3:#a8640a;--c4:#9b2f74;--c5:#636b78}
@media (prefers-color-scheme:dark){:root{--c1:#82aefb;--c2:#45c4b3;--c3:#e2ad4b;--c4:#e487bd;--c5:#9aa2b1}}
main{max-width:72rem;padding-inline:1.25rem}
main>header{padding:0}
.card{background:none;border:0;border-radius:0;padding:0}
nav.tabs{display:flex;flex-wrap:wrap;gap:0 1.25rem;border-bottom:1px solid var(--line);margin-bottom:1.5rem}
nav.tabs a{color:var(--soft);text-decoration:none;padding:.4rem 0;margin-bottom:-1px;border-bottom:2px solid transparent}
nav.tabs a:hover{color:var(--ink)}
nav.tabs a[aria-current]{color:var(--ink);font-weight:600;border-color:var(--accent)}
h2{font-size:1.05rem;margin:0 0 .75rem}
.panel{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:1rem 0;min-width:0}
.panel>:last-child{margin-bottom:0}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr));gap:1rem}
.panels .panel{margin:0}
.lead{font-size:1.35rem;line-height:1.4;margin:0 0 .5rem}
.lead a{color:inherit;font-weight:600;text-decoration-color:var(--accent);text-decoration-thickness:2px;text-underline-offset:.25em;white-space:nowrap}
.head{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;justify-content:space-between;align-items:baseline;margin-bottom:1rem}
.head h1{margin:0}
.ranges{display:flex;gap:.25rem;font-size:.9rem}
.ranges a{padding:.2rem .6rem;border-radius:.4rem;text-decoration:none}
.ranges a[aria-current]{background:var(--ink);color:var(--ground)}
.scroll{overflow-x:auto;margin:0 -1.25rem;padding:0 1.25rem}
.scroll:focus-visible{outline-offset:-3px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
caption{text-align:start;color:var(--soft);padding-bottom:.5rem}
th,td{text-align:start;vertical-align:baseline;padding:.5rem 1.25rem .5rem 0;border-top:1px solid var(--line)}
thead th{color:var(--soft);font-weight:400;border-top:0;white-space:nowrap}
tbody th{font-weight:600}
tbody th:not(.short){min-width:8.5rem}
th.number,td.number{text-align:end;white-space:nowrap}
.quiet{color:var(--soft)}
td.short{white-space:nowrap}
td.words{min-width:13rem}
th:last-child,td:last-child{padding-inline-end:0}
time{white-space:nowrap}
.state{white-space:nowrap}
.state.off{color:var(--c4)}
.filters{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:end;margin:0 0 1.25rem}
.filters label{display:block;padding:0;font-size:.85rem;color:var(--soft);flex:1 1 9rem;max-width:18rem}
.filters label.tick{display:flex;flex:none;padding:.6rem 0;color:var(--ink)}
.filters input:not([type=checkbox]),.filters select{display:block;width:100%;min-height:2.5rem;font:inherit;font-size:1rem;color:var(--ink);background:var(--paper);border:1px solid var(--soft);border-radius:.4rem;padding:.4rem .6rem;margin-top:.25rem}
.filters button{min-height:2.5rem;padding:.35rem 1rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin:1rem 0 0}
.buttons .button{margin:0}
.question{max-width:36rem}
.panel dl{font-size:.9rem;gap:.35rem 1.25rem;grid-template-columns:auto minmax(0,1fr)}
.panel dt{grid-column:1}
.panel dd{grid-column:2}
@media (max-width:40rem){.panel dl{display:block}.panel dt{margin-top:.6rem}}
figure{margin:0}
figure>:last-child{margin-bottom:0}
svg.chart{display:block;width:100%;font-size:.8rem;overflow:visible}
svg.over-time{height:14.5em}
svg.chart text{fill:var(--soft);font-variant-numeric:tabular-nums}
svg.chart text.name,svg.chart text.count{fill:var(--ink)}
svg.by-name{font-size:.9rem}
svg.chart line{stroke:var(--line)}
svg .track{fill:var(--line);opacity:.55}
svg .c1{fill:var(--c1)}svg .c2{fill:var(--c2)}svg .c3{fill:var(--c3)}svg .c4{fill:var(--c4)}svg .c5{fill:var(--c5)}
svg .weave{stroke:var(--paper);stroke-width:1.4;opacity:.6;fill:none}
svg .period{fill:transparent}
svg .period:hover{fill:var(--ink);opacity:.07}
ul.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:0 0 1rem;padding:0;font-size:.9rem}
ul.legend svg{width:.8rem;height:.8rem;margin-inline-end:.4rem;transform:translateY(.08rem)}
ul.legend b{font-variant-numeric:tabular-nums}
ol.steps{list-style:none;margin:0;padding:0;border-inline-start:2px solid var(--line)}
ol.steps li{padding:.35rem 0 .6rem 1.1rem;position:relative}
ol.steps li::before{content:"";position:absolute;inset-inline-start:-.4rem;top:.85rem;width:.65rem;height:.65rem;border-radius:50%;background:var(--c1);border:2px solid var(--paper)}
ol.steps li.refused::before,ol.steps li.denied::before{background:var(--c4)}
ol.steps .soft{font-variant-numeric:tabular-nums}
nav.onward{display:flex;gap:1.5rem;margin-top:1rem}
`.trim();
