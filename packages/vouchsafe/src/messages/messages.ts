import type { en } from "./en.ts";

/** Words instead of the very words: what a catalogue in another language has to say. */
type Worded<Value> = Value extends string
  ? string
  : Value extends (...values: infer Values) => string
    ? (...values: Values) => string
    : { readonly [Name in keyof Value]: Worded<Value[Name]> };

/** Every word on our pages, in one language. Whoever leaves one out is told by the compiler. */
export type Messages = Omit<Worded<typeof en>, "direction"> & { readonly direction: "ltr" | "rtl" };
