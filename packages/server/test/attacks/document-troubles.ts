/** What is wrong at a document's host, by the preconditions of the cases. */
import type { AttackCase } from "./attack-case.ts";
import { expired, unknownIssuer } from "./document-certificates.ts";
import { type DocumentHost, goodDocument, jsonType, type Serve } from "./document-host.ts";
import { parseMembers } from "./json.ts";
import { UnknownPlaceholder } from "./placeholder.ts";

type Cause = (host: DocumentHost, words: RegExpExecArray, attackCase: AttackCase) => void | Promise<void>;

const mebibyte = 1_048_576;

const troubles: readonly (readonly [RegExp, Cause])[] = [
  [/^(?:std|CIMD enabled.*)$/, () => undefined],
  [/^doc server answers (\d{3})(?: with a valid document body)?$/, serveBy(([, status]) => answerWith(Number(status), jsonType))],
  [
    /^doc server answers (\d{3}) Location: (\S+)$/,
    serveBy(([, status, location = ""]) => answerWith(Number(status), { ...jsonType, location })),
  ],
  [/^valid JSON but no Content-Type$/, serveBy(() => answerWith(200, {}))],
  [/^valid JSON but (?:Content-Type: )?(\S+\/\S+)$/, serveBy(([, type = ""]) => answerWith(200, { "content-type": type }))],

  [
    /^Content-Length (\d+)$/,
    serveBy(
      ([, length]) =>
        (response, document) =>
          response.writeHead(200, { ...jsonType, "content-length": Number(length) }).end(document.padEnd(Number(length))),
    ),
  ],
  [/^chunked, no length$/, serveBy(() => sendMore({}))],
  [/^lying length$/, serveBy(() => sendMore({ "content-length": "100" }))],

  [/^SYN dropped$/, (host) => host.vanish()],
  [/^stalled TLS$/, (host) => host.fallSilent()],
  [/^slow headers$/, serveBy(() => () => undefined)],
  [/^slow body$/, serveBy(() => sendByteByByte)],
  [/^self-signed$/, (host) => host.present(unknownIssuer)],
  [/^expired$/, (host) => host.present(expired)],

  [/^otherwise valid document with: ([\s\S]*)$/, changeDocument],
  [
    /^redirect_uris are all http:\/\/localhost or loopback$/,
    (host) => {
      host.write = (url) => ({ ...goodDocument(url), redirect_uris: ["http://localhost/cb", "http://127.0.0.1/cb"] });
    },
  ],
];

/** Makes the host what the case's precondition says. */
export async function cause(host: DocumentHost, attackCase: AttackCase): Promise<void> {
  for (const [pattern, trouble] of troubles) {
    const words = pattern.exec(attackCase.precondition);
    if (words !== null) return trouble(host, words, attackCase);
  }
  throw new UnknownPlaceholder(`doc: ${attackCase.precondition.slice(0, 60)}`);
}

function serveBy(make: (words: RegExpExecArray) => Serve): Cause {
  return (host, words) => {
    host.serve = make(words);
  };
}

const answerWith =
  (status: number, headers: Readonly<Record<string, string>>): Serve =>
  (response, document) =>
    response.writeHead(status, headers).end(document);

/** A mebibyte with a good document at its beginning. The rest waits, so that what is read of it is not what happened to be sent. */
const sendMore =
  (headers: Readonly<Record<string, string>>): Serve =>
  (response, document) => {
    const body = document.padEnd(mebibyte);
    response.writeHead(200, { ...jsonType, ...headers }).write(body.slice(0, 8192));
    const rest = setTimeout(() => response.end(body.slice(8192)), 500);
    response.once("close", () => clearTimeout(rest));
  };

const sendByteByByte: Serve = (response, document) => {
  let sent = 0;
  response.writeHead(200, jsonType);
  const sending = setInterval(() => response.write(document.charAt(sent++)), 1_000);
  response.once("close", () => clearInterval(sending));
};

/** Members to put in the place of the good ones, a member that is missing by the title, or another document altogether. */
function changeDocument(host: DocumentHost, [, said = ""]: RegExpExecArray, { title }: AttackCase): void {
  const text = said.replaceAll("{doc}", host.name).replaceAll("{DOC}", host.name.toUpperCase()).trim();
  const missing = /^document: (\w+) missing$/.exec(title)?.[1];
  const isMembers = text === "" || /^"\w+":/.test(text);
  host.write = (url) => {
    if (!isMembers) return text;
    const members = { ...goodDocument(url), ...parseMembers(`{${text}}`) };
    return Object.fromEntries(Object.entries(members).filter(([name]) => name !== missing));
  };
}
