/** The commands that copy a database and put it back, beside a server in a process of its own. */
import { copyFileSync, existsSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { App, type Tokens } from "./app.ts";
import { Person } from "./person.ts";
import { Place } from "./place.ts";
import { freePort, type RunningServer } from "./running-server.ts";

const secret = "a-secret-of-at-least-32-bytes-here";
afterEach(() => Place.stopAll());
afterAll(() => Place.removeAll());

/** Ada, signed in, at a server that is new. */
async function adaAt(place: Place): Promise<Person> {
  const server = await place.serve();
  await server.command(["users", "add", "ada@example.com", "--password-stdin"], "a-long-password");
  const ada = new Person(server.origin);
  await ada.signIn("ada@example.com", "a-long-password");
  return ada;
}

async function refreshed(app: App, { refresh_token }: Tokens): Promise<Tokens> {
  const response = await app.refresh(refresh_token);
  if (response.status !== 200) throw new Error(`refresh: ${response.status} ${await response.text()}`);
  return (await response.json()) as Tokens;
}

describe("vouchsafe backup, with SQLite", () => {
  it("copies a database under load: everything acknowledged before it began is in it, and nobody waited for it", async () => {
    const place = new Place(await freePort());
    const ada = await adaAt(place);
    const server = { origin: `http://localhost:${place.port}` };
    const app = await App.register(server);
    const tokens = await app.connect(ada);
    const before = await Promise.all(Array.from({ length: 20 }, () => App.register(server)));
    const meanwhile = load(server);
    const backup = await place.run(["backup", place.file("copy.db"), "--json"]);
    const acknowledged = await meanwhile.stop();
    expect(backup).toMatchObject({ code: 0 });
    expect(acknowledged.registered).toBeGreaterThan(0);
    expect(acknowledged.refused).toBe(0);
    expect(JSON.parse(backup.stdout)).toEqual({ file: place.file("copy.db"), bytes: statSync(place.file("copy.db")).size });
    expect(backup.stderr).toContain(`keep ${place.file("vouchsafe.secret")} too`);
    expect(statSync(place.file("copy.db")).mode & 0o777).toBe(0o600);
    await place.stop();

    const other = new Place(place.port);
    copyFileSync(place.file("vouchsafe.secret"), other.file("vouchsafe.secret"));
    const restored = await other.run(["restore", place.file("copy.db")]);
    expect(restored.stderr).toContain("Its audit is as it was written");
    expect(restored.code).toBe(0);
    await other.serve();
    expect((await app.notes(tokens.access_token)).status).toBe(200);
    expect((await app.refresh(tokens.refresh_token)).status).toBe(200);
    expect((await ada.open("/my/connected_apps")).html).toContain("Budget app");
    expect(clientsOf(other.file("vouchsafe.db"))).toEqual(expect.arrayContaining(before.map(({ clientId }) => clientId)));
  }, 90_000);

  it("keeps a file that is there, unless told otherwise, and leaves nothing half done", async () => {
    const place = new Place(await freePort());
    await place.run(["users", "add", "ada@example.com"]);
    writeFileSync(place.file("copy.db"), "a letter to grace");
    const kept = await place.run(["backup", place.file("copy.db")]);
    expect(kept).toMatchObject({ code: 1, stderr: `${place.file("copy.db")} is there already: with --force it is replaced.\n` });
    expect(readFileSync(place.file("copy.db"), "utf8")).toBe("a letter to grace");
    expect((await place.run(["backup", place.file("copy.db"), "--force"])).code).toBe(0);
    expect(readFileSync(place.file("copy.db"), "latin1")).toMatch(/^SQLite format 3/);
    const nowhere = await place.run(["backup", place.file("no-such-folder/copy.db")]);
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringMatching(/^Nothing was changed: ENOENT: [^\n]+\n$/)]);
    const elsewhere = await place.run(["backup", place.file("none.db")], { DATABASE_URL: `file:${place.file("nothing.db")}` });
    expect(elsewhere).toMatchObject({ code: 6, stderr: `There is no database ${place.file("nothing.db")}.\n` });
    expect(existsSync(place.file("nothing.db"))).toBe(false);
  }, 90_000);

  it.each(["backup", "export"])(
    "never puts what %s writes in the place of the database, its log or its secret",
    async (command) => {
      const place = new Place(await freePort());
      const server = await place.serve();
      const { clientId } = await App.register(server);
      const secretBefore = readFileSync(place.file("vouchsafe.secret"), "utf8");
      symlinkSync(place.file("vouchsafe.db"), place.file("also.db"));
      for (const name of ["vouchsafe.db", "vouchsafe.db-wal", "vouchsafe.db-shm", "vouchsafe.secret", "also.db"]) {
        const { code, stderr } = await place.run([command, place.file(name), "--force"]);
        expect([name, code, stderr]).toEqual([name, 2, expect.stringContaining("give the copy another name")]);
      }
      expect(readFileSync(place.file("vouchsafe.secret"), "utf8")).toBe(secretBefore);
      await place.stop();
      await place.serve();
      expect(clientsOf(place.file("vouchsafe.db"))).toContain(clientId);
    },
    90_000,
  );
});

describe("vouchsafe restore, with SQLite", () => {
  let place: Place;
  let copy: string;
  beforeAll(async () => {
    place = new Place(await freePort());
    copy = place.file("copy.db");
    await place.run(["users", "add", "ada@example.com"]);
    await place.run(["backup", copy]);
    await place.run(["users", "add", "grace@example.com"]);
  });

  /** The database has both accounts. */
  const expectUntouched = async (): Promise<void> => {
    const users = await place.run(["users", "list"]);
    expect(users.stdout).toContain("grace@example.com");
  };

  it("says what would be lost, and changes nothing, where there is something", async () => {
    const { code, stderr } = await place.run(["restore", copy]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Nothing was changed: the database holds .*accounts \(2\)\. With --force that is lost\.\n$/);
    await expectUntouched();
  });

  it("changes nothing while a server has the database open", async () => {
    await place.serve();
    const { code, stderr } = await place.run(["restore", copy, "--force"]);
    expect(stderr).toBe("Nothing was changed: a process has the database open. Stop every server first.\n");
    expect(code).toBe(1);
    await expectUntouched();
  });

  it("refuses another secret with exit code 5, and where there is none", async () => {
    const wrong = await place.run(["restore", copy, "--force"], { OAUTH_SECRET: secret });
    expect(wrong).toMatchObject({ code: 5 });
    expect(wrong.stderr).toContain("the copy was made with another secret");
    const other = new Place(place.port);
    const without = await other.run(["restore", copy]);
    expect(without).toMatchObject({ code: 5 });
    expect(without.stderr).toContain(`put the file beside the database: ${other.file("vouchsafe.secret")}`);
    expect(existsSync(other.file("vouchsafe.secret"))).toBe(false);
    expect(existsSync(other.file("vouchsafe.db"))).toBe(false);
    await expectUntouched();
  });

  it("refuses a file that is cut off, damaged, or no backup", async () => {
    const cut = place.file("cut.db");
    copyFileSync(copy, cut);
    truncateSync(cut, 100_000);
    const damaged = place.file("damaged.db");
    const bytes = readFileSync(copy);
    writeFileSync(damaged, bytes.fill(7, 40_960, 90_112));
    const letter = place.file("letter.txt");
    writeFileSync(letter, "a letter to grace");
    for (const file of [cut, damaged, letter]) {
      const { code, stderr } = await place.run(["restore", file, "--force"]);
      expect([file, code]).toEqual([file, 1]);
      expect(stderr).toMatch(/the backup is damaged|is no backup/);
    }
    expect((await place.run(["restore", place.file("none.db"), "--force"])).code).toBe(4);
    await expectUntouched();
  });

  it("puts the backup in the database's place, and says what that means", async () => {
    const { code, stderr, stdout } = await place.run(["restore", copy, "--force", "--json"]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { rows: { accounts: number } }).rows.accounts).toBe(1);
    expect(stderr).toContain("Whatever was revoked, disabled or deleted since is back: end it again.");
    const users = await place.run(["users", "list"]);
    expect(users.stdout).toContain("ada@example.com");
    expect(users.stdout).not.toContain("grace@example.com");
  });
});

describe.each([
  ["SQLite", async () => new Place(await freePort())],
  ["PostgreSQL", async () => new Place(await freePort(), { DATABASE_URL: await newDatabase(), OAUTH_SECRET: secret })],
] as const)("an older state that was put back, with %s", (_, make) => {
  it("redeems no code again that was made before, whether it was redeemed or not", async () => {
    const place = await make();
    const ada = await adaAt(place);
    const app = await App.register({ origin: `http://localhost:${place.port}` });
    const tokens = await app.connect(ada);
    const [used, unused] = [await app.code(ada), await app.code(ada)];
    const backup = await place.run(["backup", place.file("copy")]);
    expect([backup.code, backup.stderr]).toEqual([0, expect.stringContaining("The secret is not in it")]);
    expect((await app.redeem(used)).status).toBe(200);
    const later = await refreshed(app, tokens);
    expect((await place.run(["restore", place.file("copy"), "--force"])).stderr).toContain("Stop every server first.");
    await place.stop();
    expect((await place.run(["restore", place.file("copy")])).code).toBe(1);
    const restored = await place.run(["restore", place.file("copy"), "--force"]);
    expect([restored.code, restored.stderr]).toEqual([0, expect.stringContaining("none is redeemed twice")]);

    await place.serve();
    for (const code of [used, unused]) {
      const response = await app.redeem(code);
      expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ error: "invalid_grant" })]);
    }
    expect((await app.refresh(later.refresh_token)).status).toBe(400);
    expect((await app.refresh(tokens.refresh_token)).status).toBe(200);
    expect((await app.redeem(await app.code(ada))).status).toBe(200);
    expect((await place.run(["audit", "verify"])).code).toBe(0);
  }, 90_000);
});

function clientsOf(path: string): readonly unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare("SELECT id FROM clients")
      .all()
      .map(({ id }) => id);
  } finally {
    database.close();
  }
}

/** Apps that register one after the other, until told to stop. */
function load(server: Pick<RunningServer, "origin">): { readonly stop: () => Promise<{ registered: number; refused: number }> } {
  let stopping = false;
  const done = { registered: 0, refused: 0 };
  const register = async (): Promise<void> => {
    while (!stopping)
      await App.register(server).then(
        () => done.registered++,
        () => done.refused++,
      );
  };
  const running = Promise.all(Array.from({ length: 4 }, register));
  return {
    stop: async () => {
      stopping = true;
      await running;
      return done;
    },
  };
}
