import type { Context } from "../context.ts";
import { chooseMessages } from "../messages/choose.ts";
import type { Frame } from "../pages/look.ts";

/** The look of every page, with the words for whoever asks. */
export const frameOf = ({ config, look, uiLocales, acceptLanguage }: Context): Frame => ({
  ...look,
  messages: chooseMessages(config.languages, uiLocales, acceptLanguage()),
});
