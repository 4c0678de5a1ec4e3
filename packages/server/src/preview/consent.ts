import { type ConsentView, consentPage, donePage, type Frame, html, type Page, raw } from "vouchsafe/pages";
import { ada, day, vocabulary } from "./cast.ts";

/** The question, in every tier and in every state. */
export const consentPages = (frame: Frame): readonly (readonly [string, Page])[] =>
  Object.entries(tiers).map(([name, tier]) => [`consent/${name}`, consentPage(consentOf(frame, tier))]);

/** The way back. */
export const donePages = (frame: Frame): readonly (readonly [string, Page])[] => [
  ...Object.entries(targets).map(([name, target]) => [`done/${name}`, doneOf(frame, target, false)] as const),
  ["done/denied", doneOf(frame, targets.website, true)],
];

type Tier = Pick<ConsentView, "tier" | "clientName" | "site" | "destination"> & Partial<ConsentView>;

const website = { kind: "website", host: "claude.ai" } as const;
const loopback = { kind: "loopback", host: "localhost:63785" } as const;

const tiers: Readonly<Record<string, Tier>> = {
  own: { tier: "own", clientName: "Notes for desktop", site: "", destination: loopback },
  checked: { tier: "checked", clientName: "Claude", site: "claude.ai", destination: website },
  "known-website": {
    tier: "known-website",
    clientName: "Budget",
    site: "example.dev",
    destination: { kind: "website", host: "example.dev" },
  },
  "on-this-computer": { tier: "on-this-computer", clientName: "Claude Code", site: "claude.ai", destination: loopback },
  "named-itself": { tier: "named-itself", clientName: "My tool", site: "", destination: { kind: "private-use", scheme: "cursor" } },
  "step-up": { tier: "checked", clientName: "Claude", site: "claude.ai", destination: website, held: ["Read your notes"] },
  changed: {
    tier: "known-website",
    clientName: "Budget Plus",
    site: "example.dev",
    destination: { kind: "website", host: "example.dev" },
    former: { name: "Budget", destinations: [{ kind: "website", host: "old.example.dev" }] },
  },
  "nothing-ticked": { tier: "named-itself", clientName: "My tool", site: "", destination: loopback, nothingTicked: true },
};

const consentOf = (frame: Frame, tier: Tier): ConsentView => ({
  frame,
  person: ada,
  switchAccountUrl: "#",
  connectedAppsUrl: "/connected-apps",
  former: undefined,
  registeredMinutesAgo: 3,
  scopes: (tier.held === undefined ? ["read", "write"] : ["write"]).map((name) => ({
    name,
    description: vocabulary.get(name)?.description ?? name,
    required: false,
    ticked: tier.nothingTicked !== true && (name === "read" || tier.tier === "checked" || tier.tier === "own"),
  })),
  held: [],
  choices: [
    { value: "1d", lifetime: day, preselected: false },
    { value: "30d", lifetime: 30 * day, preselected: true },
    { value: "never", lifetime: undefined, preselected: false },
  ],
  action: "#",
  hidden: {},
  details: { client_name: tier.clientName, scope: "read write", client_id: "https://claude.ai/oauth/client.json", request_id: "sample-1" },
  nothingTicked: false,
  ...tier,
  clientName: tier.tier === "named-itself" ? frame.messages.quoted(tier.clientName) : tier.clientName,
});

const targets = {
  website: "https://claude.ai/api/mcp/auth_callback?code=sample",
  loopback: "http://localhost:63785/callback?code=sample",
  "private-use": "cursor://anysphere.cursor-mcp/oauth/callback?code=sample",
};

/** A done page would go on by itself; here it stays, to be looked at. It is our own text without one of its tags. */
function doneOf(frame: Frame, target: string, isDenied: boolean): Page {
  const page = donePage({ frame, clientName: "Claude Code", target, isDenied });
  return { ...page, html: html`${raw(String(page.html).replace(/<meta http-equiv="refresh"[^>]*>\n/, ""))}` };
}
