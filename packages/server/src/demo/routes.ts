import type { AuthorizationServer } from "vouchsafe";
import type { SqlStore } from "vouchsafe/sqlite";
import { lazily, type Route } from "../router.ts";
import type { Notes } from "./notes.ts";

/** The notes API and its MCP server, loaded when the first request comes: they are not what a server starts for. */
export function demoRoutes(oauth: AuthorizationServer, shared: SqlStore | undefined): readonly (readonly [string, Route])[] {
  let made: Promise<Notes> | undefined;
  const notes = (): Promise<Notes> => {
    made ??= shared === undefined ? notesInMemory() : notesIn(shared);
    // A database that was away then may be there now.
    made.catch(() => {
      made = undefined;
    });
    return made;
  };
  return [
    ["/api/notes", lazily(async () => (await import("./api.ts")).createNotesApi(oauth, await notes()))],
    ["/mcp", lazily(async () => (await import("./mcp.ts")).createNotesMcp(oauth, await notes()))],
  ];
}

const notesInMemory = async (): Promise<Notes> => (await import("./notes.ts")).createNotes();

const notesIn = async (store: SqlStore): Promise<Notes> => (await import("./shared-notes.ts")).createSharedNotes(store);
