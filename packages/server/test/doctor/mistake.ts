/** A mistake that a deployment makes, and what the doctor says of it. */
import type { Check } from "../../src/doctor/check.ts";
import type { Flaw, Reply } from "./flawed-server.ts";

/** In `change`, ORIGIN stands for the origin of the server. */
export type Mistake = readonly [mistake: string, flaw: Flaw, check: string, change: string | RegExp];

export const serverMetadata = "/.well-known/oauth-authorization-server";
export const resourceMetadata = "/.well-known/oauth-protected-resource/mcp";
export const openidDiscovery = "/.well-known/openid-configuration";

export const page: Reply = {
  status: 200,
  headers: { "content-type": "text/html", "access-control-allow-origin": "*" },
  body: "<!doctype html>",
};
export const lost: Reply = { status: 404, headers: {}, body: "" };

export const findingsOf = (checks: readonly Check[]): readonly Check[] => checks.filter(({ status }) => status === "finding");
export const troublesOf = (checks: readonly Check[]): readonly Check[] => checks.filter(({ status }) => status !== "ok");
