import type { ServerResponse } from "node:http";

export function sendJson(response: ServerResponse, status: number, json: string): ServerResponse {
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "Content-Length": Buffer.byteLength(json),
  });
  return response.end(json);
}

export function sendPage(response: ServerResponse, page: string): ServerResponse {
  response.writeHead(200, {
    "Content-Type": "text/html",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Length": Buffer.byteLength(page),
  });
  return response.end(page);
}

export function redirect(response: ServerResponse, location: string): ServerResponse {
  response.writeHead(302, { Location: location, "Cache-Control": "no-store", "Content-Length": 0 });
  return response.end();
}

export function sendNothing(response: ServerResponse): ServerResponse {
  response.writeHead(200, { "Content-Length": 0 });
  return response.end();
}

export function refuse(response: ServerResponse, error: string, status = 400): ServerResponse {
  return sendJson(response, status, `{"error":"${error}"}`);
}
