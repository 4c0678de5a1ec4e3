/**
 * Whether pages and logs may show a name that somebody chose: one line, with something to be seen, and without characters
 * that cannot be: those that turn text round would rewrite the sentence the name stands in, and others would make two names
 * look alike. Joiners stay, for emoji and for Persian. Unicode Technical Report 36 §2, §3.1
 */
export const isShowable = (name: string): boolean => !forbidden.test(name.replace(joiners, "")) && visible.test(name.replace(unseen, ""));

const joiners = /[\u200C\u200D]/g;

const forbidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

/** Letters that fill a place and show nothing, such as the Hangul fillers. */
const unseen = /\p{Default_Ignorable_Code_Point}/gu;

const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;
