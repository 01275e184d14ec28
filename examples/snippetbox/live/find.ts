// Full-text search as one types, from two characters on.
import { createLiveView, each, html, link, type Rendered } from "wingbeat";
import { z } from "zod";
import { MARK_END, MARK_START, type Hit } from "../database/full-text.ts";
import { languageName } from "../contexts/languages.ts";
import { searchSnippets } from "../contexts/snippets.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";

const MIN_LENGTH = 2;
const MOST = 30;

type Context = Session & { query: string; isLoading: boolean; hits: readonly Hit[] };

export const find = createLiveView<Context, { type: "search"; query: string }, never, Session>({
  events: { search: z.object({ query: z.string().trim().max(100) }) },

  mount: (socket, { currentUser }) => {
    socket.pageTitle("Find");
    socket.assign({ currentUser, query: "", isLoading: false, hits: [] });
  },

  // The address has the query: so it can be sent to somebody, and is there after a reload.
  handleEvent: ({ query }, socket) => socket.pushPatch("/find", query === "" ? {} : { q: query }, { replace: true }),

  handleParams: (url, socket) => {
    const query = url.searchParams.get("q")?.trim().slice(0, 100) ?? "";
    const isLoading = query.length >= MIN_LENGTH;
    socket.assign({ query, isLoading });
    if (!isLoading) return socket.assign({ hits: [] });
    socket.startAsync(
      "search",
      () => searchSnippets(query, MOST),
      (found) => {
        if (!found.ok) socket.putFlash("error", "The search has failed. Try again.");
        socket.assign({ isLoading: false, hits: found.ok ? found.value : [] });
      },
    );
  },

  render: ({ currentUser: user, query, isLoading, hits }, meta) =>
    shell(
      { user, here: "/find", flash: meta.flash, csrfToken: meta.csrfToken },
      html`
        <h1>Find</h1>
        <form id="search" class="line" role="search" phx-change="${meta.event("search")}" phx-submit="${meta.event("search")}">
          <input name="query" type="search" value="${query}" phx-debounce="300" autocomplete="off" maxlength="100"
            aria-label="Words in titles and code" placeholder="Words in titles and code" aria-describedby="summary">
        </form>
        <p id="summary" role="status" class="${["quiet", isLoading && "busy"]}">${summarize(query, isLoading, hits.length)}</p>
        <ul class="${["cards", isLoading && "stale"]}">
          ${each(
            hits,
            ({ id }) => id,
            ({ id, title, language, excerpt }) => html`
              <li class="card"><div><h2>${link({ navigate: `/snippets/${id}` }, title)}</h2>
                <p class="quiet">${languageName(language)}</p><pre class="peek"><code>${marked(excerpt)}</code></pre></div></li>`,
          )}
        </ul>`,
    ),
});

function summarize(query: string, isLoading: boolean, count: number): string {
  if (query.length < MIN_LENGTH) return "Type at least two characters.";
  if (isLoading) return "Searching…";
  if (count === 0) return `No results for “${query}”`;
  return `${count === MOST ? "The first " : ""}${count} ${count === 1 ? "snippet" : "snippets"}`;
}

/** Escaped as any value; of the marks, elements are made here. */
function marked(excerpt: string): readonly (string | Rendered)[] {
  return excerpt.split(MARK_START).flatMap((part, index) => {
    if (index === 0) return [part];
    const [hit = "", rest = ""] = part.split(MARK_END, 2);
    return [html`<mark>${hit}</mark>`, rest];
  });
}
