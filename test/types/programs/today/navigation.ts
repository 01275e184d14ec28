// Addresses, queries, and how a page came to where it is: what the checker knows of them, and what it refuses (✗, as in refused.ts).
import { createLiveApp, createLiveView, html, liveSession, parseQuery, withQuery } from "wingbeat";
import type { ErrorPage, ViewNavigation } from "wingbeat";
import { z } from "zod";
import type { Equal, Expect } from "./equal.ts";

const schema = z.object({ page: z.coerce.number().default(1), tag: z.array(z.string()).default([]) });
const address = new URL("http://localhost/list?page=2");

const query = parseQuery(schema, address);
export type Inferred = Expect<Equal<typeof query, { page: number; tag: string[] }>>;
query.sort; // ✗ Property 'sort' does not exist
parseQuery(z.string(), address); // ✗ 'ZodString' is not assignable to parameter of type 'StandardSchemaV1<unknown, object>'

export const list = createLiveView<{ page: number; tag: readonly string[] }>({
  initial: { page: 1, tag: [] },
  handleParams: (url, socket) => {
    socket.assign(parseQuery(schema, url));
    const { navigation } = socket;
    void (navigation satisfies ViewNavigation);
    if (navigation.type === "navigate") void (navigation.from satisfies string | undefined);
    if (navigation.type === "patch") void (navigation.by satisfies "page" | "view");
    if (navigation.type === "load") navigation.from; // ✗ Property 'from' does not exist
    if (navigation.type === "pop") return; // ✗ no overlap
    socket.pushPatch("", { page: 2, tag: ["a"], filter: { status: "open" }, sort: undefined });
    socket.pushPatch("", { since: new Date(0) }); // ✗ 'Date' is not assignable to type 'QueryValue'
    socket.pushNavigate("/list", { tag: [["a"]] }); // ✗ 'string[][]' is not assignable to type 'QueryValue'
  },
  render: ({ page }, { url }) => html`<a href="${withQuery(url, { page: page + 1 })}">Next</a>`,
});

export const optional = createLiveView<{ slug: string }, never, never, {}, { slug?: string | undefined }>({
  mount: (socket, _session, { slug }) => socket.assign({ slug: slug ?? "all" }),
  render: ({ slug }) => html`<h1>${slug}</h1>`,
});
export const required = createLiveView<{ slug: string }, never, never, {}, { slug: string }>({
  mount: (socket, _session, { slug }) => socket.assign({ slug }),
  handleParams: (_url, socket, { slug, id }) => socket.assign({ slug }), // ✗ Property 'id' does not exist
  render: ({ slug }) => html`<h1>${slug}</h1>`,
});
createLiveApp({ routes: { "/": list, "/pages/:slug?": optional, "/articles/:slug": required } });
createLiveApp({ routes: { "/articles/:slug?": required } }); // ✗ slug
createLiveApp({ routes: { "/articles/:id": required } }); // ✗ Property 'slug' is missing in type 'PathParams<"/articles/:id">'
// Whose captures are all optional goes on any route, also on one that has others.
createLiveApp({ routes: { "/": optional, "/pages/:slug": optional, "/teams/:team": optional, "/teams/:team/:slug?": optional } });
liveSession("pages", {}, { "/": optional, "/teams/:team": optional, "/teams/:team/:slug": optional });
const numbered = createLiveView<{}, never, never, {}, { slug?: number }>({ render: () => html`` });
createLiveApp({ routes: { "/teams/:team": numbered } });
createLiveApp({ routes: { "/pages/:slug": numbered } }); // ✗ Type 'string' is not assignable to type 'number'
liveSession("pages", {}, { "/pages/:slug?": numbered }); // ✗ is not assignable to type 'number'

const errorPage: ErrorPage = ({ status, title, message, request, url }) =>
  html`<h1>${status} ${title}</h1><p>${message} ${url.pathname} ${request.method}</p>`;
createLiveApp({ errorPage });
createLiveApp({ errorPage: async ({ title }) => ({ title, content: html`` }) });
createLiveApp({ errorPage: ({ title }) => title }); // ✗ 'string' is not assignable to type 'Awaitable<Rendered | {
createLiveApp({ errorPage: ({ title }) => ({ title }) }); // ✗ Property 'content' is missing
createLiveApp({ errorPage: ({ error }) => html`${error}` }); // ✗ Property 'error' does not exist on type 'PageProblem'

createLiveApp({ connectionNotice: false });
createLiveApp({ connectionNotice: { lost: "Offline", failed: "Broken", class: "banner" } });
createLiveApp({ connectionNotice: { offline: "Offline" } }); // ✗ 'offline' does not exist in type 'ConnectionNoticeOptions'
