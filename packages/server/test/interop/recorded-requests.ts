/** What an SDK sends when it is left alone: its requests, through its `fetch` option, each with the answer's status and challenge. */

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly form: URLSearchParams;
  readonly status: number;
  readonly challenge: string | null;
  /** The answer's body, where it is JSON. */
  readonly answer: string;
}

export class RecordedRequests {
  readonly all: RecordedRequest[] = [];
  /** How many listening streams were answered. */
  streams = 0;

  readonly fetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    // Its listening stream the SDK opens beside the chain, whenever it gets round to it.
    if (init?.method === "GET" && new Headers(init.headers).get("accept")?.includes("text/event-stream")) {
      this.streams++;
      return response;
    }
    const json = response.headers.get("content-type")?.startsWith("application/json") === true;
    this.all.push({
      method: init?.method ?? "GET",
      path: new URL(url).pathname,
      form: init?.body instanceof URLSearchParams ? init.body : new URLSearchParams(),
      status: response.status,
      challenge: response.headers.get("www-authenticate"),
      answer: json ? await response.clone().text() : "",
    });
    return response;
  };

  /** The chain so far, a line a request. */
  get lines(): string[] {
    return this.all.map(({ method, path, status }) => `${method} ${path} ${status}`);
  }

  /** What follows is recorded afresh. */
  forget(): void {
    this.all.length = 0;
  }
}

/** The parameters of a Bearer challenge. RFC 9110 §11.6.1 */
export function challengeOf(request: RecordedRequest | undefined): Record<string, string> {
  const challenge = request?.challenge ?? "";
  if (!challenge.startsWith("Bearer ")) throw new Error(`not a Bearer challenge: ${challenge}`);
  return Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));
}
