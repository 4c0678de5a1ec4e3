import type { Forms, Person } from "vouchsafe";

export const noteField = "done";
export const proofField = "proof";

/** Who reads a note: one browser in one session. */
export interface Reader {
  readonly forms: Forms;
  readonly request: Request;
  readonly person: Person | undefined;
}

const formOf = (words: string): string => `admin note ${words}`;

/** An address that says what was just done, to this browser alone: nobody is told so by a link that they were sent. */
export function pathWithNote(path: string, words: string, { forms, request, person }: Reader): string {
  const { token } = forms.token(request, formOf(words), person);
  return `${path}?${new URLSearchParams({ [noteField]: words, [proofField]: token }).toString()}`;
}

export function readNote({ forms, request, person }: Reader): string | undefined {
  const { searchParams } = new URL(request.url);
  const words = searchParams.get(noteField);
  const proof = searchParams.get(proofField);
  return words !== null && proof !== null && forms.check(request, formOf(words), proof, person) ? words : undefined;
}
