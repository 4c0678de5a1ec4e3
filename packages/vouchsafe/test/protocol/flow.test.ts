import { describe, expect, it } from "vitest";
import { flowIdOf, flowIdOfRequest } from "../../src/protocol/flow.ts";
import { parseParameters } from "../../src/protocol/parameters.ts";
import { challenge } from "../a-server.ts";

const idOf = (query: string): string | undefined => flowIdOfRequest(parseParameters(query));

describe("the id of an attempt to connect", () => {
  const id = flowIdOf({ clientId: "budget", codeChallenge: challenge });

  it("is the same from the request and from what its code knows", () =>
    expect(idOf(`client_id=budget&code_challenge=${challenge}&state=xyz`)).toBe(id));

  it("is short, can stand in a path, and shows nothing of the request", () => expect(id).toMatch(/^[A-Za-z0-9_-]{20}$/));

  it("differs by client and by challenge, wherever the one ends and the other begins", () => {
    const others = [
      ["printer", challenge],
      ["budget", challenge.toLowerCase()],
      ["budge", `t${challenge}`],
    ].map(([clientId = "", codeChallenge = ""]) => flowIdOf({ clientId, codeChallenge }));
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it("follows from redirect URI and state where there is no challenge", () => {
    const ids = ["state=1", "state=2", "state=1&redirect_uri=https%3A%2F%2Fa.example", ""].map((more) => idOf(`client_id=budget&${more}`));
    expect(new Set(ids).size).toBe(4);
    expect(idOf("client_id=budget&state=1&scope=read")).toBe(ids[0]);
  });

  it("is there for a request with defects, as long as it says who asks", () => {
    expect(idOf(`client_id=budget&code_challenge=${challenge}&state=1&state=2`)).toBe(id);
    expect(idOf(`client_id=budget&client_id=budget&code_challenge=${challenge}`)).toBeUndefined();
    expect(idOf(`code_challenge=${challenge}`)).toBeUndefined();
  });

  it("is not told by a mere reference to a pushed request", () =>
    expect(idOf("client_id=budget&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc")).toBeUndefined());
});
