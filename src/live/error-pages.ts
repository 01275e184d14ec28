import { FastResponse } from "srvx";
import { NO_COMPONENTS } from "../diff/component-numbers.ts";
import { LiveError } from "../errors.ts";
import { html, safe } from "../html/html.ts";
import { describeValue } from "../html/not-renderable.ts";
import { Rendered, type SafeHtml } from "../html/rendered.ts";
import { toHtml } from "../html/to-html.ts";
import { withCookies } from "../session/request-notes.ts";
import type { ErrorPage, Layout, PageContext } from "./app-options.ts";
import type { Problem } from "./page-problem.ts";

export interface ErrorPagesOptions {
  /** The app's own; `undefined`: all are plain. */
  readonly errorPage: ErrorPage | undefined;
  readonly layout: Layout;
  readonly headers: ((page: PageContext) => Readonly<Record<string, string>>) | undefined;
  readonly development: boolean;
  /** How many pages of the app's own may be in the making at once. */
  readonly maxConcurrent: number;
  /** What a layout reads of a page that is no view. */
  readonly pageFor: (request: Request, title: string) => PageContext;
  /** An error page that failed itself. */
  readonly report: (error: unknown) => void;
}

/** Answers requests that get no page of their own: by the app's own error page in its layout, or else by a plain one. */
export class ErrorPages {
  readonly #options: ErrorPagesOptions;
  #rendering = 0;

  constructor(options: ErrorPagesOptions) {
    this.#options = options;
  }

  /**
   * With the cookies that were noted on the request. Never rejects; a plain page is there at once.
   * @param layout of the live session that the address belongs to; by default the app's
   */
  respond(request: Request, problem: Problem, layout?: Layout): Response | Promise<Response> {
    const { errorPage, maxConcurrent, development } = this.#options;
    if (errorPage === undefined || !wantsPage(request) || this.#rendering >= maxConcurrent) {
      return withCookies(request, plainPage(problem, development));
    }
    this.#rendering++;
    return this.#render(errorPage, request, problem, layout ?? this.#options.layout).finally(() => {
      this.#rendering--;
    });
  }

  async #render(errorPage: ErrorPage, request: Request, problem: Problem, layout: Layout): Promise<Response> {
    const { status, title, message } = problem;
    try {
      const given: unknown = await errorPage({ status, title, message, request, url: new URL(request.url) });
      const shown = checked(given, title);
      const page = this.#options.pageFor(request, shown.title);
      const document: unknown = await layout(this.#content(shown.content, problem, page.nonce), page);
      if (!(document instanceof Rendered)) throw layoutIsNoHtml(document);
      const headers = { ...this.#options.headers?.(page), ...problem.headers };
      return withCookies(request, respond(status, toHtml(document, NO_COMPONENTS, NO_COMPONENTS), headers));
    } catch (error) {
      this.#options.report(error);
      return withCookies(request, plainPage(problem, this.#options.development));
    }
  }

  /** Developers see what has failed below the page that everybody else sees. */
  #content(content: Rendered, problem: Problem, nonce: string): SafeHtml {
    const detail = toHtml(details(problem, this.#options.development));
    return safe(`${toHtml(content, NO_COMPONENTS, NO_COMPONENTS)}${detail}${toHtml(wayBack(nonce))}`);
  }
}

/** A page that takes nothing but itself to show. Of an error it tells in development only. */
export function plainPage(problem: Problem, development: boolean): Response {
  const { status, title, message, headers } = problem;
  const document = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    ${PAGE_STYLE}
  </head>
  <body><main><h1>${title}</h1><p>${message}</p>${details(problem, development)}</main></body>
</html>`;
  return respond(status, toHtml(document), headers);
}

/** An error with its stack and its causes, for the log and for developers. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\nCaused by: ${describeError(error.cause)}`;
  return `${error.stack ?? `${error.name}: ${error.message}`}${cause}`;
}

/** What `layout` should have given, instead of `value`. */
export function layoutIsNoHtml(value: unknown): LiveError {
  return new LiveError(
    "app.invalid-option",
    `A layout must return html\`…\`, the whole document around its content; it returned ${describeValue(value)}.`,
  );
}

const NOTHING = html``;

function details({ error }: Problem, development: boolean): Rendered {
  if (!development || error === undefined) return NOTHING;
  return html`<p>Shown in development only:</p><pre>${describeError(error)}</pre>`;
}

function checked(given: unknown, title: string): { readonly title: string; readonly content: Rendered } {
  if (given instanceof Rendered) return { title, content: given };
  if (typeof given === "object" && given !== null && "content" in given && given.content instanceof Rendered) {
    return { title: "title" in given && typeof given.title === "string" ? given.title : title, content: given.content };
  }
  throw new LiveError(
    "app.invalid-option",
    `\`errorPage\` must return html\`…\`, or { title, content: html\`…\` }; it returned ${describeValue(given)}.`,
  );
}

/** Of an image, a script or JSON that is missing nobody sees a page. Browsers say what they want; a test need not. */
function wantsPage(request: Request): boolean {
  return request.headers.get("accept")?.includes("text/html") ?? true;
}

function respond(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new FastResponse(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "private, no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

/**
 * A page that is loaded in the place of a live one, as after Back to what was deleted, still has the live page's history:
 * the browser changes the address and loads nothing, as a live page goes there by itself. This one loads it.
 */
const wayBack = (nonce: string): Rendered =>
  html`<script nonce="${nonce}">addEventListener("popstate", (event) => event.state?.type && (event.stopImmediatePropagation(), location.reload()));</script>`;

const PAGE_STYLE = html`<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; padding: 4rem 1.5rem }
  main { max-width: 60rem; margin: auto }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem }
</style>`;
