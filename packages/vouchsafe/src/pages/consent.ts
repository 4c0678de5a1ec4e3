import type { GrantChoice, Person } from "../config.ts";
import type { Messages } from "../messages/messages.ts";
import type { Destination } from "../protocol/redirect-uri.ts";
import type { TrustTier } from "../protocol/trust-tier.ts";
import { type Html, html } from "./html.ts";
import { hiddenFields, layout, type Page, technicalDetails } from "./layout.ts";
import type { Frame } from "./look.ts";
import { shownHost } from "./shown-host.ts";

export interface ConsentView {
  readonly frame: Frame;
  readonly person: Person;
  readonly switchAccountUrl: string;
  readonly connectedAppsUrl: string;
  /** As pages show it: in quotes where the app gave it to itself. */
  readonly clientName: string;
  readonly tier: TrustTier;
  /** The host of the client's document; empty where it has none. */
  readonly site: string;
  readonly destination: Destination;
  /** What the client was when the person last allowed it, where that was something else. */
  readonly former: { readonly name: string; readonly destinations: readonly Destination[] } | undefined;
  readonly registeredMinutesAgo: number;
  readonly scopes: readonly ConsentScope[];
  /** What the client can do already, in the operator's words. */
  readonly held: readonly string[];
  readonly choices: readonly GrantChoice[];
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, string>>;
  /** The person ticked nothing. */
  readonly nothingTicked: boolean;
}

export interface ConsentScope {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly ticked: boolean;
}

/** The question. It has one form, and no button is focused when it opens. */
export function consentPage(view: ConsentView): Page {
  const { frame, clientName, person } = view;
  const { messages } = frame;
  const words = messages.consent;
  const title = words.title(clientName, frame.name);
  return layout(frame, {
    page: "consent",
    title,
    person,
    aside: html`${words.signedInAs} ${person.email ?? person.name} · <a href="${view.switchAccountUrl}">${words.switchAccount}</a>`,
    main: html`<h1>${title}</h1>
${whoIsAsking(view)}
${whatChanged(view)}
<form method="post" action="${view.action}">
${hiddenFields(view.hidden)}
${view.nothingTicked ? html`<p class="note" role="alert">${words.nothingTicked}</p>` : ""}
${scopes(view)}
${howLong(view)}
<p class="soft">${words.youCanDisconnect} <a href="${view.connectedAppsUrl}">${words.connectedApps}</a>.</p>
<div class="actions"><button name="decision" value="deny">${words.deny}</button><button class="primary" name="decision" value="allow">${words.allow}</button></div>
</form>
${technicalDetails(messages, view.details)}`,
  });
}

function whoIsAsking(view: ConsentView): Html {
  const {
    frame: { messages, name: hostName },
    tier,
    clientName,
    site,
    destination,
  } = view;
  const words = messages.consent;
  const place = destinationName(destination, messages);
  const answer = html`${words.answerGoesTo} <b>${place}</b>.`;
  switch (tier) {
    case "own":
      return html`<p>${words.madeBy(hostName)}. ${answer}</p>`;
    case "checked":
      if (site === "" || shownHost(site) === place) return html`<p>✓ <b>${place}</b> · ${words.checkedBy(hostName)}</p>`;
      return html`<p>✓ <b>${shownHost(site)}</b> · ${words.checkedBy(hostName)}. ${answer}</p>`;
    case "known-website":
      return html`<p>${words.from} <b>${shownHost(site)}</b> · ${words.notCheckedBy(hostName)}. ${answer}</p><p class="note">${words.websiteSays(shownHost(site))} ${words.hostHasNotChecked(hostName)}</p>`;
    case "on-this-computer":
      return html`${site === "" ? html`<p>✓ ${words.checkedBy(hostName)}. ${answer}</p>` : html`<p>${words.from} <b>${shownHost(site)}</b> · ${appOnComputer(destination, messages)}</p>`}<p class="note"><b>${words.didYouStart}</b> ${words.didYouStartAdvice(clientName)}</p>`;
    case "named-itself":
      return html`<p><b>${words.notVerified}</b> ${words.namedItself(view.registeredMinutesAgo)} ${answer}</p>
<p class="note"><b>${words.unknownMaker}</b> ${words.unknownMakerAdvice} <b>${place}</b>.</p>`;
  }
}

/** "an app on your computer (localhost:63785)". */
function appOnComputer(destination: Destination, messages: Messages): string {
  const { appOnComputer: words } = messages.consent;
  return destination.kind === "loopback" ? `${words} (${destination.host})` : destinationName(destination, messages);
}

/** A client that is not what it was when the person last said yes. */
function whatChanged({ former, frame: { messages }, clientName }: ConsentView): Html | string {
  if (former === undefined) return "";
  const words = messages.consent;
  const places = [...new Set(former.destinations.map((destination) => destinationName(destination, messages)))];
  return html`<p class="note" role="status"><b>${words.hasChanged(clientName)}</b> ${words.wasCalled(messages.quoted(former.name))} ${words.answersWentTo} <b>${places.join(", ")}</b>.</p>`;
}

/** Where the answer goes, as a person can recognise it. */
function destinationName(destination: Destination, messages: Messages): string {
  switch (destination.kind) {
    case "website":
      return shownHost(destination.host);
    case "loopback":
      return `${messages.consent.thisComputer} (${destination.host})`;
    case "private-use":
      return `${messages.consent.appOnDevice} (${destination.scheme}://)`;
  }
}

function scopes({ frame: { messages }, scopes: asked, held }: ConsentView): Html {
  const words = messages.consent;
  const boxes = asked.map(({ name, description, required, ticked }) =>
    required
      ? html`<label><input type="checkbox" checked disabled> ${description} ${words.required}</label><input type="hidden" name="scope" value="${name}">`
      : html`<label><input type="checkbox" name="scope" value="${name}" ${ticked ? "checked" : ""}> ${description}</label>`,
  );
  const already =
    held.length === 0 ? "" : html`<h2>${words.itAlreadyCan}</h2><ul>${held.map((description) => html`<li>${description}</li>`)}</ul>`;
  if (boxes.length === 0) return html`${already}`;
  return html`${already}<fieldset><legend>${held.length === 0 ? words.itWillBeAbleTo : words.itNowAlsoAsksFor}</legend>
${boxes}
</fieldset>`;
}

/** A single choice is not asked. */
function howLong({ frame: { messages }, choices }: ConsentView): Html | string {
  if (choices.length < 2) return "";
  const words = messages.consent;
  const radios = choices.map(
    ({ value, preselected }) =>
      html`<label><input type="radio" name="lifetime" value="${value}" ${preselected ? "checked" : ""}> ${value === "never" ? words.never : words.lasts(value)}</label>`,
  );
  return html`<fieldset><legend>${words.howLong}</legend><div class="choices">${radios}</div></fieldset>`;
}
