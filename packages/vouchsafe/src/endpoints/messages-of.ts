import type { Context } from "../context.ts";
import { chooseMessages } from "../messages/choose.ts";
import type { Messages } from "../messages/messages.ts";

/** The words for whoever asks. */
export const messagesOf = ({ config, uiLocales, acceptLanguage }: Context): Messages =>
  chooseMessages(config.languages, uiLocales, acceptLanguage());
