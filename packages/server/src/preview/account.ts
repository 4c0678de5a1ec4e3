import {
  type AccessTokensView,
  accessTokensPage,
  type ConnectedAppsView,
  connectedAppPage,
  connectedAppsPage,
  disconnectPage,
  editConnectionPage,
  endedConnectionsPage,
  type Frame,
  type Mistake,
  newAccessTokenPage,
  notMePage,
  type Page,
} from "vouchsafe/pages";
import { ada, clientOf, day, grantOf, now, vocabulary } from "./cast.ts";

/** What people see of their connections and tokens. */
export function ownPages(frame: Frame): readonly (readonly [string, Page])[] {
  const apps = connectedAppsOf(frame);
  const notMe = { frame, clientName: "Claude Code", connectedAt: now, action: "#", hidden: {}, connectedAppsPath: "/connected-apps" };
  const question = { frame, person: ada, path: "#", action: "#", hidden: {} };
  return [
    ["connected-apps", connectedAppsPage(apps)],
    ["connected-apps/empty", connectedAppsPage({ ...apps, apps: [], ended: [], page: { number: 1, of: 1 }, done: undefined })],
    ...apps.apps.slice(0, 1).map((app) => ["connected-apps/one", connectedAppPage({ ...apps, app })] as const),
    ["connected-apps/ended", endedConnectionsPage({ ...apps, page: { number: 1, of: 1 } })],
    ["disconnect", disconnectPage({ ...question, clientName: "Claude Code", isOneOfMany: false })],
    ["disconnect/one", disconnectPage({ ...question, clientName: "Claude Code", isOneOfMany: true })],
    ["disconnect/everything", disconnectPage({ ...question, clientName: undefined, isOneOfMany: false })],
    ["edit", editOf(frame)],
    ["edit/mistake", editOf(frame, "connectionScope")],
    ["not-me", notMePage({ ...notMe, isLive: true, isReported: false })],
    ["not-me/ended-already", notMePage({ ...notMe, isLive: false, isReported: false })],
    ["not-me/ended", notMePage({ ...notMe, isLive: false, isReported: true })],
    ["access-tokens", accessTokensPage(accessTokensOf(frame))],
    ["access-tokens/mistake", accessTokensPage({ ...accessTokensOf(frame), mistake: "tokenEnd" })],
    ["access-tokens/made", madeOf(frame)],
  ];
}

function connectedAppsOf(frame: Frame): ConnectedAppsView {
  const claude = clientOf("https://claude.ai/oauth/client.json", "Claude Code", "document");
  const tool = clientOf("my-tool", "My tool", "dynamic");
  const connection = (of: typeof claude, id: string, endsAt: number | undefined, usedAt: number | undefined) => ({
    client: of,
    grant: { ...grantOf(id, endsAt), clientId: of.id },
    usedAt,
    browser: { browser: "Firefox", system: "Linux" },
  });
  return {
    frame,
    person: ada,
    vocabulary,
    now,
    apps: [
      {
        client: claude,
        isChecked: true,
        connections: [connection(claude, "one", now + 12 * day, now - 180_000), connection(claude, "two", now + day, undefined)],
      },
      { client: tool, isChecked: false, connections: [connection(tool, "three", undefined, undefined)] },
    ],
    page: { number: 1, of: 2 },
    ended: [
      {
        ...connection(tool, "four", undefined, undefined),
        grant: { ...grantOf("four", undefined), clientId: tool.id, revokedAt: now - day },
      },
    ],
    path: "/connected-apps",
    address: "http://localhost:3000/mcp",
    accessTokensPath: "/access-tokens",
    done: frame.messages.connectedApps.disconnected("Budget"),
  };
}

const editOf = (frame: Frame, mistake?: Mistake): Page =>
  editConnectionPage({
    frame,
    person: ada,
    vocabulary,
    clientName: "Claude Code",
    grant: grantOf("one", now + 12 * day),
    choices: ["1d"],
    path: "/connected-apps",
    action: "#",
    hidden: {},
    keep: "keep",
    ticked: ["read", "write"],
    lifetime: "keep",
    mistake,
  });

const accessTokensOf = (frame: Frame): AccessTokensView => ({
  frame,
  person: ada,
  path: "/access-tokens",
  connectedAppsPath: "/connected-apps",
  vocabulary,
  tokens: [{ grant: grantOf("token", now + 12 * day), name: "Night backup", usedAt: now - 3_600_000 }],
  page: { number: 1, of: 1 },
  now,
  offered: ["read", "write"],
  ticked: ["read"],
  filled: { name: "", ends: "30d", until: "" },
  mayNeverEnd: true,
  hiddenForNew: {},
  hiddenForDelete: {},
  mistake: undefined,
  isRepeated: false,
});

const madeOf = (frame: Frame): Page =>
  newAccessTokenPage({
    frame,
    person: ada,
    path: "/access-tokens",
    connectedAppsPath: "/connected-apps",
    name: "Night backup",
    value: `vs_pat_${"sample".repeat(8)}0`,
  });
