import { type Check, finding, ok, quoted, warning } from "./check.ts";
import { documentOf, insertedPath, isRedirect, listIn, nullsIn, outcomeOf, textIn } from "./document.ts";
import { isAnswer } from "./exchange.ts";
import { mayAsk } from "./questions.ts";
import type { Visit, VisitedResource } from "./visit.ts";

const name = "resource metadata";

/** The document that leads from a resource to its authorization server. RFC 9728 */
export function checkResourceMetadata(visit: Visit): readonly Check[] {
  const { resource, role, url } = visit;
  if (resource === undefined) return [];
  if (resource.document === undefined) return [missing(resource, url)];
  return [
    ok(name, `${resource.answer?.url} has it.`),
    ...(role === "resource" ? [checkPlace(resource, url), checkResource(textIn(resource.document, "resource"), url)] : []),
    checkServers(visit, listIn(resource.document, "authorization_servers") ?? []),
    ...checkMembers(resource),
  ];
}

function missing({ announced, atPath }: VisitedResource, url: string): Check {
  const place = announced ?? atPath;
  const change = `200 application/json at ${insertedPath("oauth-protected-resource", url)}: {"resource": ${JSON.stringify(url)}, "authorization_servers": ["…"]}`;
  if (isRedirect(place)) return finding(name, `${place.url} redirects to ${quoted(place.headers.location)}.`, change, "RFC 9728 §3.2");
  return finding(name, `${place.url} answers ${outcomeOf(place)}, which is no metadata document.`, change, "RFC 9728 §3");
}

/** Clients that do not read the challenge look at the path form, and some at nothing else. RFC 9728 §3.1 */
function checkPlace({ announced, atPath, answer }: VisitedResource, url: string): Check {
  const label = "resource metadata, path form";
  const place = insertedPath("oauth-protected-resource", url);
  if (announced !== undefined && documentOf(announced) === undefined)
    return finding(
      label,
      `The challenge names ${announced.url}, which answers ${outcomeOf(announced)}.`,
      `resource_metadata="${place}"`,
      "RFC 9728 §5.1",
    );
  const document = documentOf(atPath);
  if (document === undefined)
    return warning(
      label,
      `${place} answers ${outcomeOf(atPath)}; clients that read no challenge look there.`,
      `200 application/json at ${place}`,
      "RFC 9728 §3.1",
    );
  if (isAnswer(answer) && answer.body !== (atPath as { body?: string }).body && document["resource"] !== documentOf(answer)?.["resource"])
    return finding(
      label,
      `${place} describes ${quoted(document["resource"])}, and the challenge's document another resource.`,
      `"resource": ${JSON.stringify(url)} in both`,
      "RFC 9728 §3.3",
    );
  return ok(label, `${place} has it.`);
}

function checkResource(resource: string | undefined, url: string): Check {
  const change = `"resource": ${JSON.stringify(url)}`;
  if (resource === undefined) return finding("resource", "The document has no resource.", change, "RFC 9728 §2");
  if (resource === url) return ok("resource", `${quoted(resource)} is what was asked for.`);
  if (resource.replace(/\/$/, "") === url.replace(/\/$/, ""))
    return ok("resource", `${quoted(resource)} is what was asked for, but for a final slash.`);
  const scheme = url.startsWith("https:") && resource === url.replace(/^https:/, "http:") ? " Behind a proxy, its scheme is lost." : "";
  return finding(
    "resource",
    `It describes ${quoted(resource)}, and was asked for ${quoted(url)}: clients refuse it.${scheme}`,
    change,
    "RFC 9728 §3.3",
  );
}

function checkServers({ role, url, server, resource }: Visit, servers: readonly string[]): Check {
  const label = "authorization servers";
  const [first] = servers;
  const issuer = server?.issuer ?? "https://auth.example.com";
  if (first === undefined)
    return finding(
      label,
      "The document names no authorization server.",
      `"authorization_servers": [${JSON.stringify(issuer)}]`,
      "RFC 9728 §2",
    );
  if (!mayAsk(url, first))
    return finding(
      label,
      `${quoted(first)} is nothing that a client outside can reach.`,
      `"authorization_servers": ["https://…"], as clients reach it`,
      "RFC 9728 §2",
    );
  if (role === "issuer" && !servers.includes(issuer)) {
    const tell = new URL(first).host === new URL(issuer).host ? finding : warning;
    const seen = `The resource ${quoted(resource?.document?.["resource"])} names ${quoted(first)}, and this issuer is ${quoted(issuer)}.`;
    return tell(label, seen, `"authorization_servers": [${JSON.stringify(issuer)}]`, "RFC 9728 §7.6");
  }
  if (servers.length > 1)
    return warning(
      label,
      `${servers.length} are named, and most clients take the first, ${quoted(first)}.`,
      `"authorization_servers": [${JSON.stringify(first)}]`,
      "MCP authorization",
    );
  return ok(label, `${quoted(first)} is named.`);
}

function checkMembers({ document = {} }: VisitedResource): readonly Check[] {
  const label = "resource metadata, members";
  const nulls = nullsIn(document);
  if (nulls.length > 0)
    return [finding(label, `${nulls.join(", ")} is null, which clients refuse.`, `leave out ${nulls.join(", ")}`, "RFC 9728 §3.2")];
  const lists = ["scopes_supported", "bearer_methods_supported", "authorization_servers"].filter(
    (member) => document[member] !== undefined && !Array.isArray(document[member]),
  );
  if (lists.length > 0) return [finding(label, `${lists.join(", ")} is no list.`, `"${lists[0]}": […]`, "RFC 9728 §2")];
  const methods = listIn(document, "bearer_methods_supported");
  if (methods !== undefined && !methods.includes("header"))
    return [
      finding(
        label,
        `bearer_methods_supported is ${quoted(methods)}, and clients send tokens in the header alone.`,
        '"bearer_methods_supported": ["header"]',
        "RFC 9728 §2",
      ),
    ];
  if (listIn(document, "scopes_supported")?.includes("offline_access") === true)
    return [
      warning(
        label,
        "scopes_supported has offline_access, which is none of the resource's.",
        "leave offline_access out of the resource's scopes_supported",
        "MCP authorization",
      ),
    ];
  return [ok(label, "They have the form that clients read.")];
}
