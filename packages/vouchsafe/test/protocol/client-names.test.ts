import { describe, expect, it } from "vitest";
import { parseClientDocument } from "../../src/protocol/client-document.ts";
import { parseClientMetadata, type RegistrationPolicy } from "../../src/protocol/client-metadata.ts";
import { OAuthError } from "../../src/protocol/errors.ts";

const id = "https://printer.example/client.json";
const policy: RegistrationPolicy = {
  redirectUris: { schemes: undefined, loopbackOnly: false },
  grantTypes: ["authorization_code"],
  vocabulary: new Map([["read", { description: "", required: false, operatorOnly: false, implies: [] }]]),
  defaultScope: ["read"],
  defaultAuthMethod: "none",
  documentUrls: { ownHost: "notes.example.com", trustedHosts: [], allowLoopback: false },
};

/** The name that pages would show, of a registration and of a document; undefined where it is refused. */
function namesOf(name: string): readonly (string | undefined)[] {
  const body = { client_id: id, client_name: name, redirect_uris: ["https://printer.example/callback"] };
  return [() => parseClientMetadata(body, policy), () => parseClientDocument(body, id, policy)].map((parse) => {
    try {
      return parse().name;
    } catch (error) {
      if (error instanceof OAuthError) return undefined;
      throw error;
    }
  });
}

describe("a name that a client gives itself", () => {
  it.each(["Photo printer", "Фотопринтер", "מדפסת תמונות", "写真プリンター", "👩‍💻 tools", "میخواهم", "Notes + Co. (beta) #1"])(
    "may be %s",
    (name) => {
      expect(namesOf(name)).toEqual([name, name]);
    },
  );

  it.each(["202A", "202B", "202C", "202D", "202E", "2066", "2067", "2068", "2069", "200E", "200F", "061C"])(
    "never turns round what a page says beside it: U+%s",
    (code) => {
      for (const name of namesOf(`Photo ${letter(code)}retnirp`)) expect(name ?? "").not.toContain(letter(code));
    },
  );

  it.each(["200B", "200D", "2060", "FEFF", "00AD", "E0041", "180E"])("is one that people can see: not U+%s alone", (code) => {
    for (const name of namesOf(letter(code) + letter(code))) expect(name ?? "MCP Client").toMatch(/[\p{L}\p{N}]/u);
  });

  it.each(["0A", "0D", "85", "2028", "2029", "1B", "00"])("is one line: without U+%s", (code) => {
    for (const name of namesOf(`a${letter(code)}b`)) expect(name ?? "").not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });
});

const letter = (code: string): string => String.fromCodePoint(Number.parseInt(code, 16));
