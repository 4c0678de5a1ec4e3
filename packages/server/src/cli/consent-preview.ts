import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeListener } from "vouchsafe/node";
import { chooseMessages, de, en, pageResponse } from "vouchsafe/pages";
import { previewIndex, samplePages } from "../preview.ts";
import { CommandError, exitCode } from "./exit.ts";
import { say } from "./output.ts";

/** `consent preview`: serves every page with sample data, on this computer alone, until it is stopped. */
export async function previewConsent(flags: { readonly port: string }): Promise<void> {
  const port = /^\d{1,5}$/.test(flags.port) ? Number(flags.port) : Number.NaN;
  if (!(port <= 65_535))
    throw new CommandError(exitCode.usage, `--port is a number from 0 to 65535, and not ${JSON.stringify(flags.port)}.`);
  const fetch = (request: Request): Response => {
    const { pathname, searchParams } = new URL(request.url);
    const messages = chooseMessages([en, de], searchParams.get("ui_locales") ?? "", request.headers.get("accept-language") ?? "");
    const pages = samplePages(messages);
    const page = pages.get(pathname.slice(1));
    return pageResponse(page ?? previewIndex(pages.keys(), messages), {
      isSecure: false,
      status: page !== undefined || pathname === "/" ? 200 : 404,
    });
  };
  const listener = nodeListener({ fetch });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  say(`Every page with sample data: http://localhost:${(server.address() as AddressInfo).port}/ (add ?ui_locales=de for German)`);
}
