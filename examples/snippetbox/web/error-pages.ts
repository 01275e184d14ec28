// What people see who come to an address that leads nowhere, or to which they may not, or when something has failed.
import { html } from "hono/html";
import type { LiveApp } from "wingbeat";

const pages: Readonly<Record<number, readonly [heading: string, text: string]>> = {
  403: [
    "That is not yours",
    "Only its owner may do that, or the form was too old. Go back, load the page again and try once more.",
  ],
  404: ["Nothing here", "There is no such page. It may have been deleted, or the address has a mistake."],
  413: ["That is too much at once", "Nothing was changed. Send less of it."],
  500: ["Something went wrong", "It is our fault, and it is in the log. Try again in a moment."],
  503: ["Very busy", "Too many people at once. Try again in a moment."],
};

/** Has the app show errors in the design of its other pages, to whoever asks for a page. */
export function withErrorPages(app: LiveApp, { development = false }: { development?: boolean | undefined }): LiveApp {
  const answer = app.fetch;
  return Object.assign(app, {
    fetch: async (request: Request): Promise<Response> => {
      const response = await answer(request);
      const { status, headers } = response;
      const wantsPage = request.headers.get("accept")?.includes("text/html") ?? false;
      // In development the page of a failure says what has failed.
      if (status < 400 || !wantsPage || (development && status === 500)) return response;
      const dressed = new Headers(headers);
      dressed.set("content-type", "text/html; charset=utf-8");
      dressed.delete("content-length");
      return new Response(await page(status), { status, headers: dressed });
    },
  });
}

function page(status: number) {
  const [heading, text] = pages[status] ?? (status < 500 ? pages[404] : pages[500]) ?? [];
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${heading} · Snippetbox</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/snippetbox.css">
  </head>
  <body>
    <header class="top"><a class="brand" href="/">Snippetbox</a></header>
    <main class="front">
      <p class="quiet">${status}</p>
      <h1>${heading}</h1>
      <p class="lede">${text}</p>
      <p class="line"><a class="button" href="/snippets">To the snippets</a> <a href="/">Front page</a></p>
    </main>
  </body>
</html>`;
}
