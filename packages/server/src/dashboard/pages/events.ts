import { type Html, html } from "vouchsafe/pages";
import type { EventDocument } from "../../operator/operator.ts";
import type { Column } from "./table.ts";
import { appPath, flowPath, personPath, second, shortId } from "./words.ts";

/** What every event tells of in a column of its own. */
const known = ["id", "at", "type", "operator", "client_id", "subject", "grant_id", "address", "request_id", "flow_id", "count"];

/** Who did what to whom, from where and when. */
export const eventColumns: readonly Column<EventDocument>[] = [
  { title: "When (UTC)", cell: ({ at }) => second(at), kind: "short" },
  {
    title: "What",
    cell: ({ type, ["count"]: count }) => (typeof count === "number" && count > 1 ? `${type} ×${count}` : type),
    kind: "short",
  },
  { title: "Who", cell: whoOf },
  { title: "Whom", cell: whomOf },
  { title: "Where", cell: ({ ["address"]: address }) => (address === undefined ? "–" : String(address)), kind: "short" },
  { title: "More", cell: moreOf, kind: "words" },
];

/** An operator by name; else whoever is known to have acted, which is the person where nobody else is. */
function whoOf(event: EventDocument): Html | string {
  const { operator, by, client_id: client, subject } = event;
  if (operator !== undefined) return html`<bdi>${operator}</bdi>`;
  if (by === "operator") return "an operator";
  if (by === "document") return "its document";
  if (by === "client" && client !== undefined) return appOf(client);
  return subject === undefined ? "–" : personOf(subject);
}

/** What it is about, but who did it. */
function whomOf({ operator, by, client_id: client, subject }: EventDocument): Html | string {
  const isBySubject = operator === undefined && by !== "operator" && by !== "client";
  const parts = [
    ...(client === undefined || by === "client" ? [] : [appOf(client)]),
    ...(subject === undefined || isBySubject ? [] : [personOf(subject)]),
  ];
  return parts.length === 0 ? "–" : html`${parts.map((part, index) => (index === 0 ? part : html` · ${part}`))}`;
}

type Fact = EventDocument[string];

const appOf = (id: Fact): Html => html`<a href="${appPath(String(id))}"><code>${shortId(String(id))}</code></a>`;
const personOf = (id: Fact): Html => html`<a href="${personPath(String(id))}"><code>${id}</code></a>`;

/** Whatever else it tells. */
function moreOf(event: EventDocument): Html {
  const facts = Object.entries(event).filter(([name]) => !known.includes(name) && name !== "by");
  const flow = event["flow_id"];
  const words = facts.map(([name, value]) => `${name}: ${String(value)}`).join(" · ");
  return html`<bdi>${words}</bdi>${flow === undefined ? "" : html` <a href="${flowPath(String(flow))}" aria-label="Flow of event ${event.id}">Flow</a>`}`;
}
