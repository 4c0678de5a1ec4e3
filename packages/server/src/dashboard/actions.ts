import type { GrantDocument, Operator, UserDocument } from "../operator/operator.ts";
import type { Tab } from "./pages/frame.ts";
import { reachOfApp, reachOfPerson } from "./pages/question.ts";
import { appName, appPath, personPath } from "./pages/words.ts";

/** Something that an operator does to one thing, after they were told what it will touch. */
export interface Action {
  readonly tab: Tab;
  /** Where the thing is shown. */
  readonly at: (id: string) => string;
  /** What will be touched; nothing is yet. @throws NotFound */
  readonly ask: (operator: Operator, id: string) => Promise<Question>;
  /** Resolves to what was done, in words. @throws NotFound, Conflict */
  readonly act: (operator: Operator, id: string) => Promise<string>;
  /** Where to go afterwards, where the thing is no more. */
  readonly afterwards?: string;
}

interface Question {
  readonly title: string;
  readonly words: string;
  readonly button: string;
}

const ofApp = { tab: "Apps", at: appPath } as const;
const ofPerson = { tab: "People", at: personPath } as const;

/** By the list that the thing is in, and what is done to it. */
export const actions: Readonly<Record<string, Action>> = {
  "apps/disable": {
    ...ofApp,
    ask: async (operator, id) => ({
      title: `Disable ${await nameOf(operator, id)}?`,
      words: `${reachOfApp(await operator.revokeClient(id, true))} stop working now, until it is enabled again. Nothing is lost.`,
      button: "Disable",
    }),
    act: async (operator, id) => `${appName(await operator.setClientDisabled(id, true))} is disabled.`,
  },
  "apps/enable": {
    ...ofApp,
    ask: async (operator, id) => ({
      title: `Enable ${await nameOf(operator, id)}?`,
      words: `${reachOfApp(await operator.revokeClient(id, true))} work again, unless they have ended meanwhile.`,
      button: "Enable",
    }),
    act: async (operator, id) => `${appName(await operator.setClientDisabled(id, false))} is enabled.`,
  },
  "apps/revoke": {
    ...ofApp,
    ask: async (operator, id) => ({
      title: `Revoke all of ${await nameOf(operator, id)}?`,
      words: `${reachOfApp(await operator.revokeClient(id, true))} end now. People may let it in again.`,
      button: "Revoke all",
    }),
    act: async (operator, id) => `${reachOfApp(await operator.revokeClient(id, false))} have ended.`,
  },
  "apps/delete": {
    ...ofApp,
    afterwards: "/admin/apps",
    ask: async (operator, id) => ({
      title: `Delete ${await nameOf(operator, id)}?`,
      words: `${reachOfApp(await operator.deleteClient(id, true))} end now, and the app is known no more. This cannot be undone.`,
      button: "Delete",
    }),
    act: async (operator, id) => {
      const name = await nameOf(operator, id);
      return `${name} has been deleted: ${reachOfApp(await operator.deleteClient(id, false))} have ended.`;
    },
  },
  "connections/revoke": {
    tab: "Connections",
    at: () => "/admin/connections",
    ask: async (operator, id) => {
      const grant = await operator.grant(id);
      const words = "It stops working now. To use it again, they would allow it again.";
      return { title: `Revoke ${grantName(grant)} of ${ownerOf(grant)}?`, words, button: "Revoke" };
    },
    act: revokeGrant,
  },
  "personal_tokens/revoke": {
    tab: "Tokens",
    at: () => "/admin/tokens",
    ask: async (operator, id) => {
      const grant = await operator.grant(id);
      const words = "Programs that use it stop working now. It cannot be brought back.";
      return { title: `Revoke ${grantName(grant)} of ${ownerOf(grant)}?`, words, button: "Revoke" };
    },
    act: revokeGrant,
  },
  "tokens/revoke": {
    tab: "Tokens",
    at: () => "/admin/tokens",
    ask: async (operator, id) => {
      const { connections, personal_tokens: personal } = await operator.revokeToken(id, true);
      const more =
        connections + personal === 0 ? "No other token ends." : `${reachOfPerson({ connections, personal_tokens: personal })} end with it.`;
      return { title: `Revoke token ${id}?`, words: `It stops working now. ${more}`, button: "Revoke" };
    },
    act: async (operator, id) => {
      await operator.revokeToken(id, false);
      return `Token ${id} has ended.`;
    },
  },
  "people/disable": {
    ...ofPerson,
    ask: (operator, id) =>
      aboutPerson(operator, id, ({ email }, reach) => ({
        title: `Disable ${email}?`,
        words: `They are signed out everywhere, and ${reach} stop working now, until they are enabled again.`,
        button: "Disable",
      })),
    act: async (operator, id) => {
      const { email } = await operator.user(id);
      await operator.setUserDisabled(email, true);
      return `${email} is disabled.`;
    },
  },
  "people/enable": {
    ...ofPerson,
    ask: (operator, id) =>
      aboutPerson(operator, id, ({ email }, reach) => ({
        title: `Enable ${email}?`,
        words: `They may sign in again, and ${reach} work again, unless they have ended meanwhile.`,
        button: "Enable",
      })),
    act: async (operator, id) => `${(await operator.setUserDisabled(id, false)).email} is enabled.`,
  },
  "people/revoke": {
    ...ofPerson,
    ask: (operator, id) =>
      aboutPerson(operator, id, ({ email }, reach) => ({
        title: `Revoke all of ${email}?`,
        words: `${reach} end now. They stay signed in, and may let apps in again.`,
        button: "Revoke all",
      })),
    act: async (operator, id) => `${reachOfPerson(await operator.revokeUser(id, false))} have ended.`,
  },
  "people/make_admin": {
    ...ofPerson,
    ask: async (operator, id) => ({
      title: `Make ${(await operator.user(id)).email} an administrator?`,
      words: "They may then see everything here, and end anything.",
      button: "Make administrator",
    }),
    act: async (operator, id) => `${(await operator.setAdmin(id, true)).email} is an administrator now.`,
  },
  "people/remove_admin": {
    ...ofPerson,
    ask: async (operator, id) => ({
      title: `Take away ${(await operator.user(id)).email}'s rights as an administrator?`,
      words: "They may see nothing of this any more. Their own connections stay.",
      button: "Take away",
    }),
    act: async (operator, id) => {
      const { email } = await operator.user(id);
      await operator.setAdmin(email, false);
      return `${email} is no administrator any more.`;
    },
  },
};

const nameOf = async (operator: Operator, id: string): Promise<string> => appName(await operator.client(id));

async function aboutPerson(operator: Operator, id: string, ask: (person: UserDocument, reach: string) => Question): Promise<Question> {
  return ask(await operator.user(id), reachOfPerson(await operator.revokeUser(id, true)));
}

async function revokeGrant(operator: Operator, id: string): Promise<string> {
  const grant = await operator.grant(id);
  await operator.revokeGrant(id, false);
  return `${grantName(grant)} of ${ownerOf(grant)} has ended.`;
}

const grantName = ({ client_id: id, client_name: client, name = "a token" }: GrantDocument): string =>
  id === undefined ? name : appName({ client_id: id, client_name: client });

const ownerOf = ({ email, subject }: GrantDocument): string => email ?? subject;
