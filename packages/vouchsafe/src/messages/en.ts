/** Every word on our pages, in English. Another language is another object of this shape. */
export const en = {
  language: "en",
  direction: "ltr",

  technicalDetails: "Technical details",
  requestId: "Request",
  copy: "Copy",
  copied: "Copied",

  consent: {
    title: (client: string, host: string) => `Allow ${client} to use your ${host} account?`,
    signedInAs: "Signed in as",
    switchAccount: "Switch account",
    madeBy: (host: string) => `Made by ${host}`,
    checkedBy: (host: string) => `checked by ${host}`,
    notCheckedBy: (host: string) => `not checked by ${host}`,
    from: "From",
    websiteSays: (site: string) => `The website ${site} says this is its app.`,
    hostHasNotChecked: (host: string) => `${host} has not checked it.`,
    appOnComputer: "an app on your computer",
    hasChanged: (client: string) => `${client} has changed since you last allowed it.`,
    wasCalled: (name: string) => `It was called ${name},`,
    answersWentTo: "and its answers went to",
    notVerified: "Not verified.",
    namedItself: (minutes: number) =>
      `This app named itself ${minutes === 0 ? "just now" : minutes === 1 ? "1 minute ago" : minutes < 120 ? `${minutes} minutes ago` : minutes < 2880 ? `${Math.round(minutes / 60)} hours ago` : `${Math.round(minutes / 1440)} days ago`}.`,
    answerGoesTo: "Its answer goes to",
    thisComputer: "this computer",
    appOnDevice: "an app on this device",
    unknownMaker: "We don't know who made this app.",
    unknownMakerAdvice: "The name above is what it calls itself. Allow only if you started this and you recognise",
    didYouStart: "Did you start this?",
    didYouStartAdvice: (client: string) =>
      `Allow only if you just connected ${client} on this computer. Any program running here can ask with this name.`,
    itWillBeAbleTo: "It will be able to",
    itAlreadyCan: "It already can",
    itNowAlsoAsksFor: "It now also asks for",
    required: "(required)",
    howLong: "For how long",
    never: "Until I disconnect",
    lasts: (value: string) => {
      const [, number = "", unit = ""] = /^(\d+)([smhd]?)$/.exec(value) ?? [];
      const name = { "": "second", s: "second", m: "minute", h: "hour", d: "day" }[unit] ?? "";
      return `${number} ${name}${number === "1" ? "" : "s"}`;
    },
    youCanDisconnect: "You can disconnect at any time in",
    connectedApps: "Connected apps",
    deny: "Don't allow",
    allow: "Allow",
    nothingTicked: 'Nothing is ticked. Tick what the app may do, or choose "Don\'t allow".',
  },

  done: {
    title: "Going back",
    website: (host: string) => `Taking you back to ${host}…`,
    loopback: (client: string) => `Going back to ${client} on this computer…`,
    privateUse: (client: string) => `Going back to ${client} on this device…`,
    denied: (client: string) => `You didn't allow ${client}. Nothing was shared.`,
    continue: "Continue",
    rescue: "Nothing happened? Your app may run on another machine. Copy this address and paste it into the app.",
  },

  connectedApps: {
    title: "Connected apps",
    lead: (host: string) => `These apps can use your ${host} account. Disconnect the ones you don't need.`,
    empty: "No apps are connected to your account. When you authorize an app, it will appear here.",
    address: "Give an app this address to connect it:",
    namedItself: "named itself",
    connected: "connected",
    ends: "ends",
    noEnd: "no end",
    connections: (number: number) => `${number} connections`,
    disconnect: "Disconnect",
    disconnected: (client: string) => `${client} has been disconnected.`,
    allDisconnected: "All apps have been disconnected.",
    disconnectAll: "Disconnect everything",
    confirmAllTitle: "Disconnect everything?",
    confirmAll: "Every app stops working now. To use one again you would allow it again.",
    edit: "Edit",
    ended: "ended",
    allEnded: (number: number) => `All ${number}`,
    endedLately: "Ended in the last 30 days",
    confirmTitle: (client: string) => `Disconnect ${client}?`,
    confirm: "It stops working now. To use it again you would allow it again.",
    confirmOneTitle: (client: string) => `Disconnect this connection of ${client}?`,
    confirmOne: "It stops working now. Other connections of the app go on.",
    oneDisconnected: (client: string) => `A connection of ${client} has been disconnected.`,
    keep: "Keep",
    signOut: "Sign out",
  },

  mistakes: {
    tokenName: "A token needs a name of at most 100 characters.",
    tokenScope: "A token needs at least one permission, and only those that are offered.",
    tokenEnd: "A token ends after some days, or at a date that is not too far away.",
    tooManyTokens: "You have as many tokens as you can have. Delete one first.",
    connectionScope: "A connection needs at least one permission, and can have only those it had.",
    connectionEnd: "A connection can end sooner than it would, and not later.",
  },

  paging: {
    newer: "Newer",
    older: "Older",
    pages: "Pages",
    pageOf: (number: number, of: number) => `Page ${number} of ${of}`,
  },

  editConnection: {
    title: (client: string) => `Edit ${client}`,
    lead: "You can take permissions away, and let it end sooner. It holds from the app's next request on.",
    canDo: "It can",
    howLong: "For how long",
    asItIs: (end: string) => `As it is (${end})`,
    endsIn: (time: string) => `Ends in ${time}`,
    cancel: "Keep as it is",
    save: "Save",
  },

  accessTokens: {
    title: "Personal access tokens",
    lead: "A token is a password for a program. Anyone who has it can do what it allows.",
    appsElsewhere: "Apps that you connected are not listed here but under",
    connectedApps: "Connected apps",
    empty: "You have no tokens.",
    made: "made",
    ends: "ends",
    noEnd: "no end",
    delete: "Delete",
    newTitle: "New token",
    name: "Name",
    canDo: "It will be able to",
    endsAfter: "Ends after",
    never: "Never",
    atDate: "At a date",
    date: "Date",
    create: "Make the token",
    created: (name: string) => `Your token "${name}"`,
    shownOnce: "Copy it now. It is shown this once.",
    sendIt: "A program sends it with every request, as this line:",
    back: "Done",
    noLongerVisible: "Token is no longer visible. It was shown once, when it was made.",
  },

  newConnection: {
    title: (client: string, host: string) => `${client} can now use your ${host} account`,
    connected: (client: string, host: string, when: string) => `${client} was connected to your ${host} account on ${when}.`,
    connectedIn: (client: string, host: string, when: string, browser: string) =>
      `${client} was connected to your ${host} account on ${when}, in ${browser}.`,
    canDo: (permissions: string) => `It can: ${permissions}.`,
    ends: (day: string) => `It ends on ${day}.`,
    noEnd: "It has no end.",
    wasMe: "If this was you, there is nothing to do. What is connected, and how to disconnect it:",
    wasNotMe: "If this wasn't you, end it here:",
  },

  notMe: {
    title: (client: string) => `You didn't connect ${client}?`,
    connectedOn: (day: string) => `It was connected to your account on ${day}. If that wasn't you, end it: it stops working now.`,
    end: "This wasn't me, end it",
    endedTitle: (client: string) => `${client} is disconnected`,
    advice: "If you didn't connect it, somebody else is or was signed in to your account. Sign out everywhere, and change your password.",
  },

  browser: (browser: string, system: string) => `${browser} on ${system}`,

  used: {
    never: "never used",
    minutesAgo: (minutes: number) =>
      `last used ${minutes === 0 ? "just now" : minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ${minutes % 60} min ago`}`,
    at: (time: string) => `last used ${time}`,
  },

  errors: {
    unknownClient: [
      "We don't know this app",
      "It may have been removed here. In the app, remove this server and add it again; the app then introduces itself anew.",
    ],
    unregisteredRedirect: [
      "This link doesn't work",
      (client: string) => `${client} asked with an address that it has not registered. Nothing was shared.`,
    ],
    documentUnreachable: ["We can't check this app right now", (host: string) => `${host} did not answer. Try again in a minute.`],
    looksFalse: [
      (brand: string) => `This may not be ${brand}`,
      (brand: string) => `An app calls itself "${brand}", but would send your access to`,
      (brand: string) => `, which doesn't belong to ${brand}. We stopped it.`,
    ],
    tooOld: ["This request is too old", "Start again from the app."],
    notConnected: ["This app is not connected", "There is no such connection in your account. It may have ended already."],
    notFound: ["There is no such page", "The address may be mistyped."],
    wait: (seconds: number) => `Please wait ${seconds} ${seconds === 1 ? "second" : "seconds"}`,
    ourFault: ["Something broke on our side", "It was recorded. Try again."],
    unavailable: ["We can't answer right now", "Try again in a moment."],
    badRequest: ["This link doesn't work", "The app asked in a way we don't understand. Nothing was shared."],
  },

  quoted: (name: string) => `"${name}"`,
} as const;
