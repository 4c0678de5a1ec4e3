/**
 * Whether pages and logs may show a name that somebody chose: one line, with something to be seen, and without characters
 * that cannot be: those that turn text round would rewrite the sentence the name stands in, and others would make two names
 * look alike. Joiners stay, for emoji and for Persian. Unicode Technical Report 36 §2, §3.1
 */
export const isShowable = (name: string): boolean => !forbidden.test(name.replace(joiners, "")) && visible.test(name);

const joiners = /[\u200C\u200D]/g;

const forbidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;
