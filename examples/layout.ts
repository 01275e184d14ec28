// The document around every example: rendered once per page load, never updated. The view's own HTML is `content`.
import { html, liveTitle, type PageContext, type Rendered, type SafeHtml } from "wingbeat";

/** What `/` lists, by path. */
export const examples = {
  "/counter": { name: "Counter", about: "One number that everybody shares. The first program to read." },
  "/deploy": { name: "Deploy", about: "A job in steps; every window shows the same progress." },
  "/search": { name: "Search", about: "Results as you type, with a loading state." },
  "/dashboard": { name: "Dashboard", about: "The server’s own figures, every second." },
  "/rows": { name: "Rows", about: "Ten thousand rows to scroll through, up and down." },
  "/who": { name: "Who", about: "Everybody who is here, once, whatever they have open and wherever." },
  "/report": { name: "Report", about: "Work in a thread, with its progress, that can be cancelled." },
  "/board": { name: "Board", about: "Notes to move about together, and a timer that goes along." },
} as const;

export function layout(content: SafeHtml, page: PageContext): Rendered {
  const { pathname } = page.url;
  // The counter is printed in the guides without a live region, so its page is one; the others say what to announce.
  const live = pathname === "/counter" ? "polite" : "off";
  // `socket.pageTitle` changes what stands between prefix and suffix, also on the way from one page of the board to the other.
  const prefix = pathname.startsWith("/board") ? "Board: " : undefined;
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="csrf-token" content="${page.csrfToken}">
    ${liveTitle({ title: page.viewTitle, prefix, default: "Examples", suffix: " · Wingbeat" })}
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">
    ${page.scripts}
  </head>
  <body>
    <header>
      <a class="home" href="/">Wingbeat</a>
      <nav aria-label="Examples">
        ${Object.entries(examples).map(
          ([path, { name }]) =>
            html`<a href="${path}" aria-current="${pathname === path ? "page" : "false"}">${name}</a>`,
        )}
      </nav>
    </header>
    <main aria-live="${live}">${content}</main>
  </body>
</html>`;
}
