// The document around every page: rendered once per page load.
import { html, type PageContext, type Rendered, type SafeHtml } from "wingbeat";

export function layout(content: SafeHtml, page: PageContext): Rendered {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="csrf-token" content="${page.csrfToken}">
    ${page.titleElement}
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/snippetbox.css">
    ${page.scripts}
  </head>
  <body>${content}</body>
</html>`;
}
