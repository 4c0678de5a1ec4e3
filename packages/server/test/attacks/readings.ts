/** How the words of a case are read for this server: attacks/README.md, "Readings". */

const paths: readonly (readonly [RegExp, string])[] = [
  [/^\/(authorize|token|register|revoke|introspect)(?=[/?%;]|$)/, "/oauth/$1"],
  [/^\/consent(?=[/?%;]|$)/, "/oauth/authorize"],
  [/^\/login(?=[/?%;]|$)/, "/sign_in"],
  [/^\/logout(?=[/?%;]|$)/, "/sign_out"],
  [/^\/account\/connected-apps(.*)\/revoke(?=[?]|$)/, "/my/connected_apps$1/disconnect"],
  [/^\/account\/connected-apps/, "/my/connected_apps"],
  [/^\/account\/tokens/, "/my/access_tokens"],
  // A path names a token by its id, not by its value.
  [/^\/my\/access_tokens\/\{pat:/, "/my/access_tokens/{patid:"],
  [/^\/admin\/api\/(?!v1\/)/, "/admin/api/v1/"],
  [/^\/userinfo-or-protected/, "/api/notes"],
  // The tricks on the guarded path keep their shape: another case, an encoded first letter, a parameter behind it.
  [/\/b\/protected(?=[/?%;]|$)/, "/mcp"],
  [/\/protected(?:\/(?:read|write))?(?=[/?%;]|$)/, "/api/notes"],
  [/\/%70rotected(?=[/?%;]|$)/, "/%61pi/notes"],
  [/\/PROTECTED(?=[/?%;]|$)/, "/API/NOTES"],
];

/** The step in this server's names: paths, the API's origin, sign-in fields. */
export function read(step: string, issuer: string): string {
  const requestLine = /^([A-Z]+) (\S.*) HTTP\/1\.1/.exec(step);
  if (requestLine === null) return step;
  const [line, method = "", target = ""] = requestLine;
  const path = paths.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), target);
  return tokenFields(signInFields(ownOrigin(`${method} ${path} HTTP/1.1${step.slice(line.length)}`, issuer)));
}

/** https://api.example is the API of the issuer's origin, in whatever spelling the case asks for it. */
function ownOrigin(text: string, issuer: string): string {
  const { host, protocol } = new URL(issuer);
  const scheme = protocol.slice(0, -1);
  return text
    .replaceAll("https://api.example", issuer)
    .replace(
      /https%3A%2F%2F(\w+%40)?api\.example/g,
      (_, userinfo: string | undefined) => `${scheme}%3A%2F%2F${userinfo ?? ""}${encodeURIComponent(host)}`,
    )
    .replaceAll("HTTPS%3A%2F%2FAPI.EXAMPLE", `${scheme.toUpperCase()}%3A%2F%2F${encodeURIComponent(host.toUpperCase())}`);
}

/** `username` is our `email`; "correct" is the right password. Look-alikes keep what they changed. */
const signInFields = (text: string): string =>
  text.replace(/username=([^&\s]*)&password=([^&\s]*)/g, (_, name: string, password: string) => {
    const email = name
      .replace("alice", "{email:alice}")
      .replace("mallory", "{email:mallory}")
      .replace(/(?<!\w)lice$|(?<=%81)lice$/, "{lice:alice}");
    const given = password === "correct" ? "{password:alice}" : password === "m" ? "{password:mallory}" : password;
    return `email=${email}&password=${given}`;
  });

/** The form for a personal token has fields of its own; `scopes` is our `scope`. */
const tokenFields = (text: string): string =>
  /^POST \/my\/access_tokens HTTP[\s\S]*x-www-form-urlencoded/.test(text)
    ? text.replace("csrf={csrf}", "handle={handle}&csrf={csrf}").replace(/&scopes=/, "&scope=")
    : text;
