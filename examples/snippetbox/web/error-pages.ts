// What people see who come to an address that leads nowhere, or to which they may not, or when something has failed.
import { html, type ErrorPage } from "wingbeat";

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

export const errorPage: ErrorPage = ({ status, title, message }) => {
  const [heading, text] = pages[status] ?? [title, message];
  return {
    title: heading,
    content: html`<header class="top"><a class="brand" href="/">Snippetbox</a></header>
    <main class="front">
      <p class="quiet">${status}</p>
      <h1>${heading}</h1>
      <p class="lede">${text}</p>
      <p class="line"><a class="button" href="/snippets">To the snippets</a> <a href="/">Front page</a></p>
    </main>`,
  };
};
