import { describe, expect, it } from "vitest";
import { parseClientDocument, parseClientMetadata, type RegistrationPolicy } from "../../src/protocol/client-metadata.ts";
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

  it.each(["\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069", "\u200E", "\u200F", "\u061C"])(
    "never turns round what a page says beside it: %j",
    (control) => {
      for (const name of namesOf(`Photo ${control}retnirp`)) expect(name ?? "").not.toContain(control);
    },
  );

  it.each(["\u200B", "\u200D\u200C", "\u2060", "\uFEFF", "\u00AD", "\u{E0041}\u{E0042}", "\u180E"])(
    "is one that people can see: not %j alone",
    (invisible) => {
      for (const name of namesOf(invisible)) expect(name ?? "MCP Client").toMatch(/[\p{L}\p{N}]/u);
    },
  );

  it.each(["a\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u2029b", "a\u001Bb"])("is one line: %j", (name) => {
    for (const shown of namesOf(name)) expect(shown ?? "").not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });
});
