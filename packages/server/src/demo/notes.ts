/** A person's notes: something worth protecting. */
export interface Notes {
  list(subject: string): readonly Note[] | Promise<readonly Note[]>;
  add(subject: string, text: string): Note | Promise<Note>;
}

export interface Note {
  readonly id: number;
  readonly text: string;
}

/** The most notes a person can have; the oldest goes first. */
export const mostNotes = 100;

/** What everybody begins with. */
export const firstNotes: readonly Note[] = [
  { id: 1, text: "Buy milk" },
  { id: 2, text: "Water the plants" },
];

/** Notes in the memory of one process. */
export function createNotes(): Notes {
  const notesOf = new Map<string, Note[]>();
  const open = (subject: string): Note[] => {
    const notes = notesOf.get(subject) ?? [...firstNotes];
    notesOf.set(subject, notes);
    return notes;
  };
  return {
    list: open,
    add: (subject, text) => {
      const notes = open(subject);
      const note = { id: (notes.at(-1)?.id ?? 0) + 1, text };
      notes.push(note);
      if (notes.length > mostNotes) notes.shift();
      return note;
    },
  };
}
