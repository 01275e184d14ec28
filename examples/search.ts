// Search as you type. The browser waits until you have paused for 300 ms (phx-debounce); the view shows that it is
// searching, and does not wait for the results: who types on has them for the latest query, and the older search is given
// up. The event is checked by a schema before it gets here.
import { setTimeout } from "node:timers/promises";
import { AsyncResult, createLiveView, each, html, type Rendered } from "wingbeat";
import { z } from "zod";

type Bird = { name: string; latin: string; wingspanCm: number };

const MIN_LENGTH = 2;

export const searchLiveView = createLiveView({
  // The types of the context and the events are inferred from these two.
  initial: { query: "", found: AsyncResult.ok<readonly Bird[]>([]) },
  events: { search: z.object({ query: z.string().trim().max(100) }) },

  mount: (socket) => {
    socket.pageTitle("Search");
  },

  handleEvent: (event, socket) => {
    const { query } = event;
    if (query === socket.context.query) return;
    socket.assign({ query });
    // With reset, the birds of another query are not shown meanwhile.
    socket.assignAsync("found", (signal) => findBirds(query, signal), { reset: true });
  },

  render: ({ query, found }, meta) => html`
    <h1>Search</h1>
    <form class="search" role="search" phx-change="${meta.event("search")}" phx-submit="${meta.event("search")}">
      <label for="query">Birds of Europe</label>
      <input id="query" name="query" type="search" value="${query}" phx-debounce="300" autocomplete="off"
        placeholder="At least two letters, such as “owl”" aria-describedby="summary">
    </form>
    <p id="summary" role="status" class="${["summary", isSearching(query, found) && "busy"]}">${summarize(query, found)}</p>
    <ul class="results">
      ${each(
        found.value ?? [],
        (bird) => bird.latin,
        (bird) => html`
        <li><span>${mark(bird.name, query)}</span> <i lang="la">${mark(bird.latin, query)}</i>
          <span class="figure">${bird.wingspanCm} cm</span></li>`,
      )}
    </ul>`,
});

function isSearching(query: string, found: AsyncResult<readonly Bird[]>): boolean {
  return query.length >= MIN_LENGTH && found.status === "loading";
}

function summarize(query: string, found: AsyncResult<readonly Bird[]>): string {
  if (query.length < MIN_LENGTH) return "Type at least two letters.";
  if (found.status === "loading") return "Searching…";
  if (found.status === "failed") return "The search has failed. Type on to try again.";
  const count = found.value.length;
  if (count === 0) return `No results for “${query}”`;
  return `${count} ${count === 1 ? "bird" : "birds"}`;
}

/** The text with the part that was searched for marked. Values are escaped, here as everywhere. */
function mark(text: string, query: string): Rendered {
  const start = text.toLowerCase().indexOf(query.toLowerCase());
  if (start < 0 || query === "") return html`${text}`;
  const end = start + query.length;
  return html`${text.slice(0, start)}<mark>${text.slice(start, end)}</mark>${text.slice(end)}`;
}

/** Stands for a database: answers after a while. */
async function findBirds(query: string, signal: AbortSignal): Promise<readonly Bird[]> {
  if (query.length < MIN_LENGTH) return [];
  await setTimeout(250, undefined, { signal });
  const wanted = query.toLowerCase();
  return birds.filter(({ name, latin }) => `${name} ${latin}`.toLowerCase().includes(wanted));
}

const birds: readonly Bird[] = `
Barn owl|Tyto alba|90
Tawny owl|Strix aluco|99
Little owl|Athene noctua|56
Eurasian eagle-owl|Bubo bubo|174
Golden eagle|Aquila chrysaetos|205
White-tailed eagle|Haliaeetus albicilla|222
Common kingfisher|Alcedo atthis|25
Common swift|Apus apus|44
Barn swallow|Hirundo rustica|33
House sparrow|Passer domesticus|23
Eurasian blue tit|Cyanistes caeruleus|18
Great tit|Parus major|24
European robin|Erithacus rubecula|21
Grey heron|Ardea cinerea|185
White stork|Ciconia ciconia|190`
  .trim()
  .split("\n")
  .map((line) => {
    const [name = "", latin = "", wingspan = ""] = line.split("|");
    return { name, latin, wingspanCm: Number(wingspan) };
  });
