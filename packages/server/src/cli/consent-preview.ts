import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Command } from "commander";
import { nodeListener } from "vouchsafe/node";
import { createLook, pageResponse } from "vouchsafe/pages";
import { readEnvironment } from "../environment.ts";
import { CommandError, exitCode } from "../exit.ts";
import { logoPath, serveLogo } from "../logo.ts";
import { checkSettings } from "../main.ts";
import { frameIn } from "../pages/words.ts";
import { previewIndex, samplePages } from "../preview/sample-pages.ts";
import { command } from "./command.ts";
import { say } from "./output.ts";

/** The pages that people see. */
export function addConsentCommands(program: Command): void {
  command(
    program.command("consent").description("The pages that people see."),
    "preview",
    "Serves every page and tier with sample data, until it is stopped.",
    "vouchsafe consent preview --port 3001",
  )
    .option("--port <port>", "of this computer", "3001")
    .action(previewConsent);
}

/** `consent preview`: serves every page with sample data, on this computer alone, until it is stopped. It looks as it is configured. */
async function previewConsent(flags: { readonly port: string }): Promise<void> {
  const port = portOf(flags.port);
  const environment = await readEnvironment();
  const { values } = environment;
  const configuration = checkSettings(environment);
  const branding = { ...configuration.branding, name: values.name ?? "Notes" };
  const look = createLook({ ...configuration, branding, isSecure: false });
  const logo = values.logo === undefined ? undefined : serveLogo(values.logo);
  const fetch = (request: Request): Response | Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === logoPath && logo !== undefined) return logo();
    const frame = frameIn(look, searchParams.get("ui_locales") ?? "", request.headers.get("accept-language") ?? "");
    const pages = samplePages(frame);
    const page = pages.get(pathname.slice(1));
    return pageResponse(page ?? previewIndex(pages.keys(), frame), { status: page !== undefined || pathname === "/" ? 200 : 404 });
  };
  const listener = nodeListener({ fetch });
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  say(`Every page with sample data: http://localhost:${(server.address() as AddressInfo).port}/ (add ?ui_locales=de for German)`);
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new CommandError(exitCode.usage, `--port is a number from 0 to 65535, and not ${JSON.stringify(text)}.`);
}
