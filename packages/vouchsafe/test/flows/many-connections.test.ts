import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { sqlite } from "../../src/store/sqlite.ts";
import { browserOf, connect, open, readPage, submit } from "../a-person.ts";
import { aServer, budgetApp, photoPrinter, statusAtApi } from "../a-server.ts";

const path = "/my/connected_apps";

describe("the page of connected apps for whoever has many connections, or uses them much", () => {
  it("stays under 10 KB where one app is connected many times, and every connection is on some page, once", async () => {
    const server = aServer();
    const [app, browser] = [await budgetApp(server), browserOf(server)];
    for (let number = 0; number < 45; number++) {
      server.clock.now += 1;
      await connect(server, app);
    }
    await connect(server, await photoPrinter(server));
    const shown: string[] = [];
    for (let number = 1; number <= 5; number++) {
      const html = await (await open(browser, `${path}?page=${number}`)).text();
      expect(Buffer.byteLength(html)).toBeLessThan(10_240);
      expect(html).toContain(`Page ${number} of 5`);
      const links = [...html.matchAll(/connected_apps\/([^/"]+)\/edit/g)].map(([, id = ""]) => id);
      shown.push(...new Set(links));
    }
    const all = (await server.store.connections("ada", server.clock.now)).map(({ grant }) => grant.id);
    expect(shown.toSorted()).toEqual(all.toSorted());
  });

  it("stays under 10 KB also where many apps have ended lately, and shows the last of them", async () => {
    const server = aServer();
    const browser = browserOf(server);
    for (let number = 0; number < 110; number++) {
      server.clock.now += 1;
      await connect(server, await budgetApp(server, { client_name: `Holiday budget of the year ${2000 + number}` }));
      if (number === 99) {
        const everything = await readPage(await open(browser, `${path}/all/disconnect`));
        await submit(browser, everything.action, everything.hidden);
      }
    }
    const html = await (await open(browser, path)).text();
    expect(html).toContain("Ended in the last 30 days");
    expect(Buffer.byteLength(html)).toBeLessThan(10_240);
  });

  it("notes the last use of each without a write for each request", async () => {
    const directory = mkdtempSync(join(tmpdir(), "vouchsafe-"));
    const store = sqlite(join(directory, "notes.db"));
    onTestFinished(async () => {
      await store.close();
      rmSync(directory, { recursive: true });
    });
    const server = aServer({ store });
    const { access } = await connect(server, await budgetApp(server));
    const beside = new DatabaseSync(join(directory, "notes.db"), { readOnly: true });
    onTestFinished(() => beside.close());
    // Another connection sees this number change with every commit.
    const commits = (): unknown => beside.prepare("PRAGMA data_version").get()?.["data_version"];
    const before = commits();
    for (let request = 0; request < 100; request++) expect(await statusAtApi(server, access)).toBe(200);
    expect(commits()).toBe(before);
    expect(await (await open(browserOf(server), path)).text()).toContain("last used just now");
    expect(commits()).not.toBe(before);
  });
});
