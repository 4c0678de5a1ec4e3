import { type Html, html, type Page } from "vouchsafe/pages";
import type { Listed, UserDocument } from "../../operator/operator.ts";
import { filterForm, textFilter } from "./filters.ts";
import { type DashboardFrame, dashboardPage } from "./frame.ts";
import { onward, table, withQuery } from "./table.ts";
import { counted, number, personLink, personPath } from "./words.ts";

export interface PeopleView {
  readonly frame: DashboardFrame;
  readonly query: Readonly<Record<string, string>>;
  readonly people: Listed<UserDocument>;
  readonly note?: string | undefined;
}

/** Everybody with an account of this server. */
export function peoplePage({ frame, query, people, note }: PeopleView): Page {
  return dashboardPage(frame, {
    tab: "People",
    note,
    main: html`${filterForm("/admin/people", [textFilter("search", "E-mail", query["search"])])}
<div class="panel">${table<UserDocument>({
      name: "People",
      empty: "Nobody is called that.",
      items: people.items,
      columns: [
        { title: "Person", cell: ({ id, email }) => personLink(id, email) },
        { title: "Connections", cell: ({ connections }) => number(connections), kind: "number" },
        { title: "Personal tokens", cell: ({ personal_tokens: tokens }) => number(tokens), kind: "number" },
        { title: "Administrator", cell: ({ admin }) => (admin ? "yes" : ""), kind: "short" },
        { title: "State", cell: stateOf, kind: "short" },
      ],
    })}
${onward("/admin/people", query, people.next)}</div>`,
  });
}

const stateOf = ({ disabled }: UserDocument): Html =>
  disabled ? html`<span class="state off">disabled</span>` : html`<span class="state">enabled</span>`;

export interface PersonView {
  readonly frame: DashboardFrame;
  readonly person: UserDocument;
  readonly note?: string | undefined;
}

/** One person, and what can be done about their account. */
export function personPage({ frame, person, note }: PersonView): Page {
  const { id, email, admin, disabled, connections, personal_tokens: tokens } = person;
  const own = personPath(id);
  return dashboardPage(frame, {
    tab: "People",
    title: email,
    note,
    main: html`<p>${stateOf(person)}${admin ? " · administrator" : ""}</p>
<div class="panel"><p class="lead"><a href="${withQuery("/admin/connections", { user: email })}">${counted(connections, "connection")}</a>, <a href="${withQuery("/admin/tokens", { user: email, kind: "personal" })}">${counted(tokens, "personal token")}</a></p>
<p><a href="${withQuery("/admin/audit", { user: email })}">Audit</a></p>
<div class="buttons"><a class="button" href="${own}/${disabled ? "enable" : "disable"}">${disabled ? "Enable" : "Disable"}</a><a class="button" href="${own}/revoke">Revoke all</a><a class="button" href="${own}/${admin ? "remove_admin" : "make_admin"}">${admin ? "Take away administrator" : "Make administrator"}</a></div></div>`,
  });
}
