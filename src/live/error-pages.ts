import { FastResponse } from "srvx";
import { html } from "../html/html.ts";
import type { Rendered } from "../html/rendered.ts";
import { toHtml } from "../html/to-html.ts";

/** The page for an address that leads nowhere. */
export function notFoundPage(): Response {
  return page(404, "Page not found", html`<p>There is no page at this address.</p>`);
}

/** The page for a request that a live page cannot answer, such as a POST. */
export function methodNotAllowedPage(): Response {
  return page(405, "Method not allowed", html`<p>This page can only be read.</p>`, { allow: "GET, HEAD" });
}

/** The page while too many others are in the making. */
export function overloadedPage(): Response {
  return page(503, "Busy", html`<p>The server is busy. Please try again in a moment.</p>`, { "retry-after": "2" });
}

/** The page for an error that says how to answer: one with a `status` from 400 to 499. */
export function statusPage(status: number): Response {
  if (status === 404) return notFoundPage();
  if (status === 403) return page(403, "Not allowed", html`<p>You may not see this page.</p>`);
  return page(status, "The page cannot be shown", html`<p>The request was refused (${status}).</p>`);
}

/** The page for a form that was not taken, which does not say why: that is in the log. */
export function formRefusedPage(status: number): Response {
  return page(
    status,
    "The form was not taken",
    html`<p>Nothing was changed. Please go back, load the page again, and send the form once more.</p>`,
  );
}

/** The `status` of an error that is an answer rather than a failure (400 to 499), as HTTP libraries throw them. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 499 ? status : undefined;
}

/** The page for a failure of ours. In development it shows the error; in production it tells nothing of it. */
export function failurePage(error: unknown, development: boolean): Response {
  if (!development)
    return page(500, "Something went wrong", html`<p>The page could not be shown. The error was logged.</p>`);
  return page(500, "The page failed", html`<p>Shown in development only.</p><pre>${describeError(error)}</pre>`);
}

/** An error with its stack and its causes, for the log and for developers. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nCaused by: ${describeError(error.cause)}`;
  return `${error.stack ?? `${error.name}: ${error.message}`}${cause}`;
}

function page(status: number, heading: string, text: Rendered, headers: Record<string, string> = {}): Response {
  const document = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${heading}</title>
    ${PAGE_STYLE}
  </head>
  <body><main><h1>${heading}</h1>${text}</main></body>
</html>`;
  return new FastResponse(toHtml(document), {
    status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "private, no-store", ...headers },
  });
}

const PAGE_STYLE = html`<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; padding: 4rem 1.5rem }
  main { max-width: 60rem; margin: auto }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem }
</style>`;
