// Ten thousand rows, of which a page holds a hundred and fifty: who scrolls to an end gets the next fifty there, and as
// many go at the other end. The server knows which rows a page has, and keeps none. A star is seen by all who have the row.
import { createLiveView, html, topic, type LiveStream } from "wingbeat";
import { z } from "zod";

type Row = { id: number; name: string; starred: boolean };
type Context = { rows: LiveStream<Row>; first: number; last: number };
type Events =
  | { type: "next"; id: number }
  | { type: "previous"; id: number; _overran: boolean }
  | { type: "star"; id: number };
type Starred = { type: "starred"; id: number };

const ROWS = 10_000;
const PAGE = 50;
const KEPT = 3 * PAGE;

const stars = topic<Starred>("stars");
const starred = new Set<number>();

/** What the browser sends of a row is its DOM id: "rows-7". */
const row = z
  .string()
  .regex(/^rows-[1-9]\d{0,4}$/)
  .transform((domId) => Number(domId.slice("rows-".length)));

export const rowsLiveView = createLiveView<Context, Events, Starred>({
  events: {
    next: z.object({ id: row }),
    previous: z.object({ id: row, _overran: z.boolean().default(false) }),
    star: z.object({ id: row }),
  },

  mount: async (socket, _session, params) => {
    socket.pageTitle("Rows");
    const { data: first = 1 } = z.coerce.number().int().min(1).max(ROWS).safeParse(params["from"]);
    const last = Math.min(first + PAGE - 1, ROWS);
    socket.stream("rows", findRows(first, last));
    socket.assign({ first, last });
    await socket.subscribe(stars);
  },

  handleEvent: (event, socket) => {
    const { first, last } = socket.context;
    if (event.type === "next") {
      // A row that is not the last one any more: the page has asked already, and the answer was on its way.
      if (event.id !== last) return;
      const end = Math.min(last + PAGE, ROWS);
      socket.stream("rows", findRows(last + 1, end), { limit: -KEPT });
      socket.assign({ first: Math.max(first, end - KEPT + 1), last: end });
    } else if (event.type === "previous") {
      // Overran: the list's top is below the window's. In a box that is so before its first row is reached.
      if (event._overran || event.id !== first) return;
      const start = Math.max(first - PAGE, 1);
      // Each goes before the one that was put there before it.
      socket.stream("rows", findRows(start, first - 1).reverse(), { at: 0, limit: KEPT });
      socket.assign({ first: start, last: Math.min(last, start + KEPT - 1) });
    } else {
      if (!starred.delete(event.id)) starred.add(event.id);
      return socket.broadcast(stars, { type: "starred", id: event.id });
    }
  },

  handleInfo: ({ id }, socket) => socket.streamInsert("rows", findRows(id, id), { updateOnly: true }),

  render: ({ rows, first, last }) => html`
    <h1>Rows</h1>
    <p class="summary">${first} to ${last} of ${ROWS.toLocaleString("en")}. This page holds ${KEPT} at most.</p>
    <div class="rows" tabindex="0" role="region" aria-label="Rows">
      <ol id="rows" phx-update="stream" phx-viewport-top="previous" phx-viewport-bottom="next">
        ${rows.map(
          (domId, { id, name, starred }) => html`
          <li id="${domId}"><span class="figure">${id}</span> <span>${name}</span>
            <button phx-click="star" phx-value-id="${domId}" aria-pressed="${String(starred)}" aria-label="Star row ${id}">★</button></li>`,
        )}
      </ol>
    </div>`,
});

const kinds = ["Barn owl", "Common swift", "Grey heron", "White stork", "Great tit", "House sparrow", "Golden eagle"];

/** Stands for a database. */
function findRows(from: number, to: number): Row[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const id = from + index;
    return { id, name: kinds[(id * id) % kinds.length] ?? "", starred: starred.has(id) };
  });
}
