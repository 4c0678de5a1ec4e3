import type { Messages } from "../messages/messages.ts";
import type { Client } from "../protocol/client.ts";
import type { BrowserName } from "../protocol/grant.ts";
import { shownName } from "./client-name.ts";
import { date, dateAndTime } from "./dates.ts";

export interface NewConnectionView {
  readonly hostName: string;
  readonly messages: Messages;
  readonly client: Pick<Client, "name" | "origin">;
  /** What it can do, in the operator's words. */
  readonly permissions: readonly string[];
  readonly at: number;
  readonly endsAt: number | undefined;
  readonly browser: BrowserName | undefined;
  readonly connectedAppsUrl: string;
  readonly notMeUrl: string;
}

/** What a person is told of a new connection, in plain text. */
export interface Message {
  readonly title: string;
  readonly text: string;
}

export function newConnectionMessage(view: NewConnectionView): Message {
  const { hostName, messages, client, at, endsAt, browser } = view;
  const words = messages.newConnection;
  const name = shownName({ ...client, name: withoutLinks(client.name) }, messages);
  const when = dateAndTime(at, messages);
  const paragraphs = [
    browser === undefined
      ? words.connected(name, hostName, when)
      : words.connectedIn(name, hostName, when, messages.browser(browser.browser, browser.system)),
    words.canDo(view.permissions.join(", ")),
    endsAt === undefined ? words.noEnd : words.ends(date(endsAt, messages)),
    `${words.wasMe}\n${view.connectedAppsUrl}`,
    `${words.wasNotMe}\n${view.notMeUrl}`,
  ];
  return { title: words.title(name, hostName), text: `${paragraphs.join("\n\n")}\n` };
}

/** Mail programs make links of what looks like one, and this name was chosen by the app: it must lead nowhere. */
const withoutLinks = (name: string): string => name.replace(/[.:/@]+/g, " ").trim();
