import {
  type AccessTokensView,
  accessTokensPage,
  type ConnectedAppsView,
  type ConsentView,
  connectedAppsPage,
  consentPage,
  disconnectPage,
  donePage,
  editConnectionPage,
  errorPage,
  type Html,
  html,
  layout,
  type Messages,
  newAccessTokenPage,
  OAuthError,
} from "vouchsafe/pages";

/** Every page and tier with sample data, for whoever draws or photographs them. */
export function samplePages(messages: Messages): ReadonlyMap<string, Html> {
  const pages = new Map<string, Html>([
    ...Object.entries(tiers).map(([name, tier]) => [`consent/${name}`, consentPage(consentOf(messages, tier))] as const),
    ...Object.entries(targets).map(([name, target]) => [`done/${name}`, doneOf(messages, target, false)] as const),
    ["done/denied", doneOf(messages, targets.website, true)],
    ["connected-apps", connectedAppsPage(connectedAppsOf(messages))],
    ["connected-apps/empty", connectedAppsPage({ ...connectedAppsOf(messages), apps: [], ended: [], page: { number: 1, of: 1 } })],
    ["disconnect", disconnectPage({ ...common(messages), clientName: "Claude Code", path: "#", action: "#", hidden: {} })],
    ["disconnect/everything", disconnectPage({ ...common(messages), clientName: undefined, path: "#", action: "#", hidden: {} })],
    ["edit", editOf(messages)],
    ["access-tokens", accessTokensPage(accessTokensOf(messages))],
    ["access-tokens/made", madeOf(messages)],
    ...Object.entries(errors).map(
      ([name, error]) => [`error/${name}`, errorPage(error, { ...common(messages), requestId: "sample-1" })] as const,
    ),
  ]);
  return pages;
}

/** The list of them. */
export function previewIndex(names: Iterable<string>, messages: Messages): Html {
  const links = [...names].map((name) => html`<li><a href="/${name}">${name}</a></li>`);
  return layout({ hostName: "Notes", messages, title: "Pages", main: html`<h1>Pages</h1><ul>${links}</ul>` });
}

const now = Date.UTC(2026, 10, 20, 12);
const day = 86_400_000;
const ada = { id: "ada", name: "Ada", email: "ada@example.com" };
const scope = { required: false, operatorOnly: false, implies: [] };
const vocabulary = new Map([
  ["read", { ...scope, description: "Read your notes" }],
  ["write", { ...scope, description: "Create, change and delete notes" }],
]);

const common = (messages: Messages) => ({ hostName: "Notes", messages, person: ada });

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
  "named-itself": { tier: "named-itself", clientName: '"My tool"', site: "", destination: { kind: "private-use", scheme: "cursor" } },
  "step-up": { tier: "checked", clientName: "Claude", site: "claude.ai", destination: website, held: ["Read your notes"] },
  changed: {
    tier: "known-website",
    clientName: "Budget Plus",
    site: "example.dev",
    destination: { kind: "website", host: "example.dev" },
    former: { name: "Budget", destinations: [{ kind: "website", host: "old.example.dev" }] },
  },
  "nothing-ticked": { tier: "named-itself", clientName: '"My tool"', site: "", destination: loopback, nothingTicked: true },
};

const consentOf = (messages: Messages, tier: Tier): ConsentView => ({
  ...common(messages),
  switchAccountUrl: "#",
  connectedAppsUrl: "/connected-apps",
  former: undefined,
  registeredMinutesAgo: 3,
  scopes: (tier.held === undefined ? ["read", "write"] : ["write"]).map((name) => ({
    name,
    description: vocabulary.get(name)?.description ?? name,
    required: false,
    ticked: name === "read" || tier.tier === "checked" || tier.tier === "own",
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
});

const targets = {
  website: "https://claude.ai/api/mcp/auth_callback?code=sample",
  loopback: "http://localhost:63785/callback?code=sample",
  "private-use": "cursor://anysphere.cursor-mcp/oauth/callback?code=sample",
};

/** A done page would go on by itself; here it stays, to be looked at. It is our own text without one of its tags. */
const doneOf = (messages: Messages, target: string, isDenied: boolean): Html =>
  String(donePage({ hostName: "Notes", messages, clientName: "Claude Code", target, isDenied })).replace(
    /<meta http-equiv="refresh"[^>]*>/,
    "",
  ) as Html;

const grant = (id: string, endsAt: number | undefined) =>
  ({
    id,
    clientId: id,
    subject: "ada",
    scope: ["read", "write"],
    resources: [],
    createdAt: now - 18 * day,
    redeemedAt: now - 18 * day,
    endsAt,
    revokedAt: undefined,
  }) as const;

const client = (id: string, name: string, origin: "document" | "dynamic") =>
  ({
    id,
    name,
    origin,
    firstParty: false,
    authMethod: "none",
    redirectUris: [],
    grantTypes: [],
    scope: [],
    resources: [],
    resourceServerOf: [],
    secrets: [],
    registrationToken: undefined,
    metadata: {},
    createdAt: now,
    grantedAt: now,
    disabledAt: undefined,
    freshUntil: undefined,
    revision: 0,
  }) as const;

function connectedAppsOf(messages: Messages): ConnectedAppsView {
  const claude = client("https://claude.ai/oauth/client.json", "Claude Code", "document");
  const tool = client("my-tool", "My tool", "dynamic");
  const connection = (of: typeof claude, id: string, endsAt: number | undefined, usedAt: number | undefined) => ({
    client: of,
    grant: { ...grant(id, endsAt), clientId: of.id },
    usedAt,
  });
  return {
    ...common(messages),
    vocabulary,
    now,
    apps: [
      {
        client: claude,
        connections: [connection(claude, "one", now + 12 * day, now - 180_000), connection(claude, "two", now + day, undefined)],
      },
      { client: tool, connections: [connection(tool, "three", undefined, undefined)] },
    ],
    page: { number: 1, of: 2 },
    ended: [
      {
        ...connection(tool, "four", undefined, undefined),
        grant: { ...grant("four", undefined), clientId: tool.id, revokedAt: now - day },
      },
    ],
    path: "/connected-apps",
    accessTokensPath: "/access-tokens",
    done: messages.connectedApps.disconnected("Budget"),
  };
}

const editOf = (messages: Messages): Html =>
  editConnectionPage({
    ...common(messages),
    vocabulary,
    clientName: "Claude Code",
    grant: grant("one", now + 12 * day),
    choices: ["1d"],
    path: "/connected-apps",
    action: "#",
    hidden: {},
    keep: "keep",
    mistake: undefined,
  });

const accessTokensOf = (messages: Messages): AccessTokensView => ({
  ...common(messages),
  path: "/access-tokens",
  connectedAppsPath: "/connected-apps",
  vocabulary,
  tokens: [{ grant: grant("token", now + 12 * day), name: "Night backup", usedAt: now - 3_600_000 }],
  now,
  offered: ["read", "write"],
  ticked: ["read"],
  mayNeverEnd: true,
  hiddenForNew: {},
  hiddenForDelete: {},
  mistake: undefined,
  isRepeated: false,
});

const madeOf = (messages: Messages): Html =>
  newAccessTokenPage({
    ...common(messages),
    path: "/access-tokens",
    connectedAppsPath: "/connected-apps",
    name: "Night backup",
    value: `vs_pat_${"sample".repeat(8)}0`,
  });

const refusal = (page: NonNullable<ConstructorParameters<typeof OAuthError>[2]>["shownAs"], more: object = {}): OAuthError =>
  new OAuthError("invalid_request", "sample", { ...(page === undefined ? {} : { shownAs: page }), ...more });

const errors: Readonly<Record<string, OAuthError>> = {
  "unknown-client": refusal({ page: "unknown-client" }),
  "unregistered-redirect": refusal({
    page: "unregistered-redirect",
    clientName: "Budget",
    redirectUri: "https://elsewhere.example/callback",
  }),
  "too-old": refusal({ page: "too-old" }),
  "document-unreachable": refusal({ page: "document-unreachable", host: "example.dev" }),
  "looks-false": refusal({ page: "looks-false", brand: "Claude", host: "evil.example" }),
  wait: refusal(undefined, { status: 429, retryAfter: 30 }),
  "our-fault": refusal(undefined, { status: 500 }),
};
