import type { Messages } from "../messages/messages.ts";
import type { ShownClient } from "../protocol/client.ts";
import type { BrowserName } from "../protocol/grant.ts";
import { hostOf } from "../protocol/trust-tier.ts";
import { messageName } from "./client-name.ts";
import { date, dateAndTime } from "./dates.ts";
import { shownHost } from "./shown-host.ts";

export interface NewConnectionView {
  readonly hostName: string;
  readonly messages: Messages;
  readonly client: ShownClient;
  /** By the operator: its site, or all of it. */
  readonly isChecked: boolean;
  /** What it can do, in the operator's words. */
  readonly permissions: string;
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
  const name = messageName(client, messages);
  const when = dateAndTime(at, messages);
  const paragraphs = [
    browser === undefined
      ? words.connected(name, hostName, when)
      : words.connectedIn(name, hostName, when, messages.browser(browser.browser, browser.system)),
    makerInWords(view),
    words.canDo(view.permissions),
    endsAt === undefined ? words.noEnd : words.ends(date(endsAt, messages)),
    `${words.wasMe}\n${view.connectedAppsUrl}`,
    `${words.wasNotMe}\n${view.notMeUrl}`,
  ];
  return { title: words.title(name, hostName), text: `${paragraphs.join("\n\n")}\n` };
}

/** Its name alone says nothing: whose it is stands beside it, as on every page. */
function makerInWords({ client, isChecked, messages, hostName }: NewConnectionView): string {
  const words = messages.newConnection;
  if (client.origin === "dynamic") return words.namedItself;
  if (client.origin === "document") return (isChecked ? words.fromChecked : words.fromUnchecked)(shownHost(hostOf(client)), hostName);
  return words.checked(hostName);
}
