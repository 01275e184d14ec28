import { fullTitle, liveTitle } from "../components/live-title.ts";
import { html, safe } from "../html/html.ts";
import type { Rendered, SafeHtml } from "../html/rendered.ts";
import type { PageContext, TitleOptions } from "./app-options.ts";
import { escapeHtml } from "../html/escape.ts";
import { RENEWAL_ATTRIBUTE, RENEWAL_PATH, renewalScript } from "../session/renewal.ts";
import { toHtml } from "../html/to-html.ts";

/** The document of an app that gives no layout. */
export function defaultLayout(content: SafeHtml, page: PageContext): Rendered {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="csrf-token" content="${page.csrfToken}">
    ${page.titleElement}
    ${page.scripts}
  </head>
  <body>
    ${content}
  </body>
</html>`;
}

/** Everything that a page's context is made of; what costs something is made when it is asked for. */
export interface PageParts {
  readonly title: string | undefined;
  readonly titleOptions: TitleOptions;
  readonly csrfToken: string;
  readonly nonce: string;
  readonly href: string;
  readonly socketPath: string;
  readonly scriptPaths: readonly string[];
  readonly bootScript: string;
  /** How often its session is renewed while the page is in use, in milliseconds; `undefined`: never. */
  readonly renewEveryMs: number | undefined;
  /** The element that has the browser ask for the app's own module at once; empty if there is none. */
  readonly moduleLink: string;
}

/** What a layout reads of the page at hand. */
export class Page implements PageContext {
  readonly #parts: PageParts;
  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  get title(): string {
    const { title, titleOptions } = this.#parts;
    return fullTitle({ ...titleOptions, title });
  }

  get viewTitle(): string | undefined {
    return this.#parts.title;
  }

  get titleElement(): SafeHtml {
    const { title, titleOptions } = this.#parts;
    return safe(toHtml(liveTitle({ ...titleOptions, title })));
  }

  get csrfToken(): string {
    return this.#parts.csrfToken;
  }

  get nonce(): string {
    return this.#parts.nonce;
  }

  get url(): URL {
    return new URL(this.#parts.href);
  }

  get socketPath(): string {
    return this.#parts.socketPath;
  }

  get clientScripts(): SafeHtml {
    const files = this.#parts.scriptPaths.map(
      (path) => `<script defer phx-track-static src="${escapeHtml(path)}"></script>`,
    );
    return safe(files.join("\n    "));
  }

  get scripts(): SafeHtml {
    const { nonce, bootScript, moduleLink, socketPath, renewEveryMs } = this.#parts;
    const own = moduleLink === "" ? "" : `\n    ${moduleLink}`;
    const mark = renewEveryMs === undefined ? "" : ` ${RENEWAL_ATTRIBUTE}="${renewEveryMs}"`;
    const renewal = renewEveryMs === undefined ? "" : renewalScript(`${socketPath}${RENEWAL_PATH}`, renewEveryMs);
    return safe(
      `${this.clientScripts.text}${own}\n    <script type="module" nonce="${nonce}"${mark}>${bootScript}${renewal}</script>`,
    );
  }
}
