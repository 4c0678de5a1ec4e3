import type { Messages } from "./messages.ts";

const vor = (minutes: number): string => {
  if (minutes === 0) return "gerade eben";
  if (minutes < 120) return `vor ${minutes} ${minutes === 1 ? "Minute" : "Minuten"}`;
  if (minutes < 2880) return `vor ${Math.round(minutes / 60)} Stunden`;
  return `vor ${Math.round(minutes / 1440)} Tagen`;
};

/** Every word on our pages, in German. */
export const de: Messages = {
  language: "de",
  direction: "ltr",

  technicalDetails: "Technische Angaben",
  requestId: "Anfrage",
  flowId: "Verbindungsversuch",
  copy: "Kopieren",
  copied: "Kopiert",

  consent: {
    title: (client, host) => `Darf ${client} dein Konto bei ${host} nutzen?`,
    signedInAs: "Angemeldet als",
    switchAccount: "Konto wechseln",
    madeBy: (host) => `Von ${host}`,
    checkedBy: (host) => `von ${host} geprüft`,
    notCheckedBy: (host) => `von ${host} nicht geprüft`,
    from: "Von",
    websiteSays: (site) => `Die Website ${site} sagt, dass dies ihre App ist.`,
    hostHasNotChecked: (host) => `${host} hat das nicht geprüft.`,
    appOnComputer: "eine App auf deinem Computer",
    hasChanged: (client) => `${client} hat sich geändert, seit du es zuletzt erlaubt hast.`,
    wasCalled: (name) => `Der Name war ${name},`,
    answersWentTo: "und die Antworten gingen an",
    notVerified: "Nicht überprüft.",
    namedItself: (minutes) => `Diese App hat sich ${vor(minutes)} selbst so genannt.`,
    answerGoesTo: "Die Antwort geht an",
    thisComputer: "diesen Computer",
    appOnDevice: "eine App auf diesem Gerät",
    unknownMaker: "Wir wissen nicht, wer diese App gemacht hat.",
    unknownMakerAdvice: "Den Namen oben hat sie sich selbst gegeben. Erlaube es nur, wenn du das begonnen hast und wiedererkennst:",
    didYouStart: "Hast du das begonnen?",
    didYouStartAdvice: (client) =>
      `Erlaube es nur, wenn du ${client} gerade auf diesem Computer verbunden hast. Jedes Programm, das hier läuft, kann unter diesem Namen fragen.`,
    itWillBeAbleTo: "Sie wird dürfen",
    itAlreadyCan: "Sie darf schon",
    itNowAlsoAsksFor: "Sie möchte nun auch",
    required: "(nötig)",
    howLong: "Wie lange",
    never: "Bis ich trenne",
    lasts: (value) => {
      const [, number = "", unit = ""] = /^(\d+)([smhd]?)$/.exec(value) ?? [];
      const [one, many] = {
        "": ["Sekunde", "Sekunden"],
        s: ["Sekunde", "Sekunden"],
        m: ["Minute", "Minuten"],
        h: ["Stunde", "Stunden"],
        d: ["Tag", "Tage"],
      }[unit] ?? ["", ""];
      return `${number} ${number === "1" ? one : many}`;
    },
    youCanDisconnect: "Du kannst jederzeit trennen unter",
    connectedApps: "Verbundene Apps",
    deny: "Nicht erlauben",
    allow: "Erlauben",
    nothingTicked: "Nichts ist angekreuzt. Kreuze an, was die App darf, oder wähle „Nicht erlauben“.",
  },

  done: {
    title: "Zurück",
    website: (host) => `Es geht zurück zu ${host}…`,
    loopback: (client) => `Es geht zurück zu ${client} auf diesem Computer…`,
    privateUse: (client) => `Es geht zurück zu ${client} auf diesem Gerät…`,
    denied: (client) => `Du hast ${client} nichts erlaubt. Nichts wurde weitergegeben.`,
    continue: "Weiter",
    rescue: "Es passiert nichts? Vielleicht läuft deine App auf einem anderen Rechner. Kopiere diese Adresse und füge sie in der App ein.",
  },

  connectedApps: {
    title: "Verbundene Apps",
    lead: (host) => `Diese Apps können dein Konto bei ${host} nutzen. Trenne, was du nicht brauchst.`,
    empty: "Mit deinem Konto ist keine App verbunden. Wenn du eine App erlaubst, erscheint sie hier.",
    address: "Gib einer App diese Adresse, um sie zu verbinden:",
    namedItself: "nannte sich selbst so",
    connected: "verbunden am",
    ends: "endet am",
    noEnd: "ohne Ende",
    connections: (number) => `${number} Verbindungen`,
    disconnect: "Trennen",
    disconnected: (client) => `${client} ist getrennt.`,
    allDisconnected: "Alle Apps sind getrennt.",
    disconnectAll: "Alle trennen",
    confirmAllTitle: "Alle Apps trennen?",
    confirmAll: "Keine App funktioniert dann mehr. Um eine wieder zu nutzen, erlaubst du sie neu.",
    edit: "Bearbeiten",
    ended: "beendet am",
    allEnded: (number) => `Alle ${number}`,
    endedLately: "In den letzten 30 Tagen beendet",
    confirmTitle: (client) => `${client} trennen?`,
    confirm: "Die App funktioniert dann nicht mehr. Um sie wieder zu nutzen, erlaubst du sie neu.",
    confirmOneTitle: (client) => `Diese Verbindung von ${client} trennen?`,
    confirmOne: "Sie funktioniert dann nicht mehr. Andere Verbindungen der App bleiben.",
    oneDisconnected: (client) => `Eine Verbindung von ${client} ist getrennt.`,
    keep: "Behalten",
  },

  mistakes: {
    tokenName: "Ein Token braucht einen Namen von höchstens 100 Zeichen.",
    tokenScope: "Ein Token braucht mindestens eine Erlaubnis, und nur solche, die angeboten sind.",
    tokenEnd: "Ein Token endet nach einigen Tagen, oder an einem Tag, der nicht zu weit weg ist.",
    tooManyTokens: "Du hast so viele Token, wie du haben kannst. Lösche erst eines.",
    connectionScope: "Eine Verbindung braucht mindestens eine Erlaubnis, und keine, die sie nicht hatte.",
    connectionEnd: "Eine Verbindung kann früher enden als vorgesehen, aber nicht später.",
  },

  paging: {
    newer: "Neuere",
    older: "Ältere",
    pages: "Seiten",
    pageOf: (number, of) => `Seite ${number} von ${of}`,
  },

  editConnection: {
    title: (client) => `${client} bearbeiten`,
    lead: "Du kannst Erlaubnisse wegnehmen und die Verbindung früher enden lassen. Es gilt ab der nächsten Anfrage der App.",
    canDo: "Sie darf",
    howLong: "Wie lange",
    asItIs: (end) => `Wie bisher (${end})`,
    endsIn: (time) => `Noch ${time}`,
    cancel: "So lassen",
    save: "Speichern",
  },

  accessTokens: {
    title: "Eigene Zugangstoken",
    lead: "Ein Token ist ein Passwort für ein Programm. Wer es hat, kann alles tun, was es erlaubt.",
    appsElsewhere: "Apps, die du verbunden hast, stehen nicht hier, sondern unter",
    connectedApps: "Verbundene Apps",
    empty: "Du hast keine Token.",
    made: "erstellt am",
    ends: "endet am",
    noEnd: "ohne Ende",
    delete: "Löschen",
    newTitle: "Neues Token",
    name: "Name",
    canDo: "Es wird dürfen",
    endsAfter: "Gültig für",
    never: "Nie",
    atDate: "An einem Tag",
    date: "Tag",
    create: "Token erstellen",
    created: (name) => `Dein Token „${name}“`,
    shownOnce: "Kopiere es jetzt. Es wird nur dieses eine Mal gezeigt.",
    sendIt: "Ein Programm schickt es mit jeder Anfrage, als diese Zeile:",
    back: "Fertig",
    noLongerVisible: "Das Token ist nicht mehr zu sehen. Es wurde einmal gezeigt, als es gemacht wurde.",
  },

  newConnection: {
    title: (client, host) => `${client} kann jetzt dein Konto bei ${host} nutzen`,
    connected: (client, host, when) => `${client} wurde mit deinem Konto bei ${host} verbunden, am ${when}.`,
    connectedIn: (client, host, when, browser) => `${client} wurde mit deinem Konto bei ${host} verbunden, am ${when}, in ${browser}.`,
    namedItself: "Sie hat sich selbst so genannt; wir wissen nicht, wer sie gemacht hat.",
    fromChecked: (site, host) => `Sie ist von ${site}, geprüft von ${host}.`,
    fromUnchecked: (site, host) => `Sie sagt, dass sie von ${site} ist; ${host} hat sie nicht geprüft.`,
    checked: (host) => `Sie wurde von ${host} geprüft.`,
    canDo: (permissions) => `Erlaubt ist: ${permissions}.`,
    ends: (day) => `Die Verbindung endet am ${day}.`,
    noEnd: "Sie bleibt verbunden, bis du sie trennst.",
    wasMe: "Wenn du das warst, ist nichts zu tun. Was verbunden ist, und wie du es trennst:",
    wasNotMe: "Wenn du das nicht warst, beende die Verbindung hier:",
  },

  notMe: {
    title: (client) => `Du hast ${client} nicht verbunden?`,
    connectedOn: (day) =>
      `Die App wurde am ${day} mit deinem Konto verbunden. Wenn du das nicht warst, beende es: sie funktioniert dann nicht mehr.`,
    wasConnectedOn: (day) =>
      `Die App wurde am ${day} mit deinem Konto verbunden und ist inzwischen getrennt. Wenn du das nicht warst, sag es uns.`,
    end: "Das war ich nicht, beenden",
    report: "Das war ich nicht",
    endedTitle: (client) => `${client} ist getrennt`,
    advice:
      "Wenn du sie nicht verbunden hast, ist oder war jemand anders in deinem Konto angemeldet. Melde dich überall ab, und ändere dein Passwort.",
  },

  browser: (browser, system) => `${browser} unter ${system}`,

  used: {
    never: "nie benutzt",
    minutesAgo: (minutes) =>
      `zuletzt ${minutes === 0 ? "gerade eben" : minutes < 60 ? `vor ${minutes} Min.` : `vor ${Math.floor(minutes / 60)} Std. ${minutes % 60} Min.`} benutzt`,
    at: (time) => `zuletzt benutzt ${time}`,
  },

  errors: {
    unknownClient: [
      "Wir kennen diese App nicht",
      "Vielleicht wurde sie hier entfernt. Entferne diesen Server in der App und füge ihn neu hinzu; dann stellt sie sich neu vor.",
    ],
    unregisteredRedirect: [
      "Dieser Link funktioniert nicht",
      (client) => `${client} hat mit einer Adresse gefragt, die nicht registriert ist. Nichts wurde weitergegeben.`,
    ],
    documentUnreachable: [
      "Wir können diese App gerade nicht prüfen",
      (host) => `${host} hat nicht geantwortet. Versuche es in einer Minute noch einmal.`,
    ],
    looksFalse: [
      (brand) => `Das ist vielleicht nicht ${brand}`,
      (brand) => `Eine App nennt sich „${brand}“, würde deinen Zugang aber hierhin schicken:`,
      (brand) => `. Das gehört nicht zu ${brand}. Wir haben sie angehalten.`,
    ],
    tooOld: ["Diese Anfrage ist zu alt", "Beginne in der App noch einmal."],
    formTooOld: ["Dieses Formular ist zu alt", "Es hat nichts geändert.", "Seite neu öffnen"],
    notConnected: ["Diese App ist nicht verbunden", "In deinem Konto gibt es diese Verbindung nicht. Vielleicht hat sie schon geendet."],
    notFound: ["Diese Seite gibt es nicht", "Vielleicht ist die Adresse vertippt."],
    wait: (seconds) => `Bitte warte ${seconds} ${seconds === 1 ? "Sekunde" : "Sekunden"}`,
    ourFault: ["Bei uns ist etwas kaputtgegangen", "Es wurde festgehalten. Versuche es noch einmal."],
    unavailable: ["Wir können gerade nicht antworten", "Versuche es gleich noch einmal."],
    badRequest: [
      "Dieser Link funktioniert nicht",
      "Die App hat auf eine Weise gefragt, die wir nicht verstehen. Nichts wurde weitergegeben.",
    ],
  },

  quoted: (name) => `„${name}“`,
};
