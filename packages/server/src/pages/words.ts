import { chooseMessages, de, en, type Frame, type Look } from "vouchsafe/pages";

const english = {
  language: "en",
  title: "Sign in",
  toContinueTo: "To continue to",
  appThatNamedItself: (name: string) => `an app that named itself ${en.quoted(name)}`,
  email: "E-mail",
  password: "Password",
  signIn: "Sign in",
  mismatch: "That e-mail and password don't match.",
  tooMany: (seconds: number) => `Too many tries. You can try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`,
  noAccount: "No account yet?",
  signUp: "Make an account",
  signUpTitle: "Make an account",
  haveAccount: "You have an account?",
  unusableEmail: "That isn't an e-mail address.",
  taken: "There is an account with this e-mail. Sign in instead.",
  unusablePassword: "A password has 8 to 256 characters.",
  signOutTitle: "Sign out?",
  signOut: "Sign out",
  signOutEverywhere: "Sign out everywhere",
  everywhereMeans: "Everywhere: on all your devices, and codes on their way to apps end too. Connected apps stay.",
  stay: "Stay signed in",
  changePassword: "Change password",
  currentPassword: "Current password",
  newPassword: "New password",
  wrongPassword: "That is not your password.",
  passwordChanged: "Your password is changed. You are signed out on all other devices.",
  signedInAs: (who: string) => `You are signed in as ${who}.`,
  toSeeApps: "to see which apps can use your account.",
  operate: "Operate",
  connectHere: "Connect an MCP client to your notes:",
};

/** What only the standalone server's pages say. */
export type Words = typeof english;

const german: Words = {
  language: "de",
  title: "Anmelden",
  toContinueTo: "Weiter zu",
  appThatNamedItself: (name) => `einer App, die sich selbst ${de.quoted(name)} nennt`,
  email: "E-Mail",
  password: "Passwort",
  signIn: "Anmelden",
  mismatch: "Diese E-Mail und dieses Passwort passen nicht zusammen.",
  tooMany: (seconds) => `Zu viele Versuche. In ${seconds} ${seconds === 1 ? "Sekunde" : "Sekunden"} kannst du es wieder versuchen.`,
  noAccount: "Noch kein Konto?",
  signUp: "Konto anlegen",
  signUpTitle: "Konto anlegen",
  haveAccount: "Du hast ein Konto?",
  unusableEmail: "Das ist keine E-Mail-Adresse.",
  taken: "Mit dieser E-Mail gibt es ein Konto. Melde dich damit an.",
  unusablePassword: "Ein Passwort hat 8 bis 256 Zeichen.",
  signOutTitle: "Abmelden?",
  signOut: "Abmelden",
  signOutEverywhere: "Überall abmelden",
  everywhereMeans: "Überall: auf allen deinen Geräten, und Codes auf dem Weg zu Apps enden auch. Verbundene Apps bleiben.",
  stay: "Angemeldet bleiben",
  changePassword: "Passwort ändern",
  currentPassword: "Bisheriges Passwort",
  newPassword: "Neues Passwort",
  wrongPassword: "Das ist nicht dein Passwort.",
  passwordChanged: "Dein Passwort ist geändert. Auf allen anderen Geräten bist du abgemeldet.",
  signedInAs: (who) => `Du bist angemeldet als ${who}.`,
  toSeeApps: "um zu sehen, welche Apps dein Konto nutzen können.",
  operate: "Betreiben",
  connectHere: "Verbinde einen MCP-Client mit deinen Notizen:",
};

/** The frame of the server's own pages: the library's, and the words that only these say. */
export interface ServerFrame extends Frame {
  readonly words: Words;
}

/** For whoever asks, in their language. `uiLocales`: what an authorization request that they are on the way to asks for. */
export const frameFor = (look: Look, request: Request, uiLocales = ""): ServerFrame =>
  frameIn(look, uiLocales, request.headers.get("accept-language") ?? "");

export const frameIn = (look: Look, uiLocales: string, acceptLanguage: string): ServerFrame => ({
  ...look,
  words: chooseMessages([english, german], uiLocales, acceptLanguage),
  messages: chooseMessages([en, de], uiLocales, acceptLanguage),
});
