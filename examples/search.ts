// Search as you type. The browser waits until you have paused for 300 ms (phx-debounce); the view shows that it is
// searching and sends itself an info that finds the results. The event is checked by a schema before it gets here.
import { createLiveView, each, html, message, type Rendered } from "wingbeat";
import { z } from "zod";

type Bird = { name: string; latin: string; wingspanCm: number };

const MIN_LENGTH = 2;

export const searchLiveView = createLiveView({
  // The types of the context, the events and the infos are inferred from these three.
  initial: { query: "", loading: false, results: [] as readonly Bird[] },
  events: { search: z.object({ query: z.string().trim().max(100) }) },
  infos: [message<{ type: "run_search"; query: string }>()],

  mount: (socket) => {
    socket.pageTitle("Search");
  },

  handleEvent: (event, socket) => {
    const { query } = event;
    if (query === socket.context.query) return;
    const loading = query.length >= MIN_LENGTH;
    socket.assign({ query, loading, results: [] });
    if (loading) socket.sendInfo({ type: "run_search", query });
  },

  handleInfo: async (info, socket) => {
    const results = await findBirds(info.query);
    socket.assign({ results, loading: false });
  },

  render: ({ query, loading, results }, meta) => html`
    <h1>Search</h1>
    <form class="search" role="search" phx-change="${meta.event("search")}" phx-submit="${meta.event("search")}">
      <label for="query">Birds of Europe</label>
      <input id="query" name="query" type="search" value="${query}" phx-debounce="300" autocomplete="off"
        placeholder="At least two letters, such as “owl”" aria-describedby="summary">
    </form>
    <p id="summary" role="status" class="${["summary", loading && "busy"]}">${summarize(query, loading, results.length)}</p>
    <ul class="results">
      ${each(
        results,
        (bird) => bird.latin,
        (bird) => html`
        <li><span>${mark(bird.name, query)}</span> <i lang="la">${mark(bird.latin, query)}</i>
          <span class="figure">${bird.wingspanCm} cm</span></li>`,
      )}
    </ul>`,
});

function summarize(query: string, loading: boolean, count: number): string {
  if (query.length < MIN_LENGTH) return "Type at least two letters.";
  if (loading) return "Searching…";
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
async function findBirds(query: string): Promise<readonly Bird[]> {
  await new Promise((resolve) => setTimeout(resolve, 250));
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
