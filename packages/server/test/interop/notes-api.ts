/** The demo's protected resource, asked as any program asks it: what it answers shows what a token is good for. */
import type { RunningServer } from "../running-server.ts";

export const notesApi = (server: RunningServer): string => `${server.origin}/api/notes`;

/** The status of reading the notes: 200, or 401 where the token is not, or no longer, good. */
export async function readNotes(server: RunningServer, accessToken: unknown): Promise<number> {
  const response = await fetch(notesApi(server), { headers: { authorization: `Bearer ${String(accessToken)}` } });
  await response.body?.cancel();
  return response.status;
}
