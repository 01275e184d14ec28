// Function components, attributes, links and JS commands: what compiles, and each mistake with what the checker says (✗).
import { asyncResult, AsyncResult, attrs, createLiveView, each, html, JS, link, liveFlash, portal } from "wingbeat";
import type { Attributes, Command, Component, JSCommands, Renderable, Rendered } from "wingbeat";
import type { Equal, Expect } from "./equal.ts";

// ── components ──
type Card = { title: string; actions?: Renderable; rest?: Attributes };
const card: Component<Card> = ({ title, actions, rest = {} }) =>
  html`<section ${attrs(rest)}><h2>${title}</h2>${actions}</section>`;
const rule: Component = () => html`<hr>`;
export const cards = [
  card({ title: "a" }),
  card({ title: "a", actions: [html`<b>x</b>`, "y"], rest: { class: ["a", false], "data-n": 1 } }),
  rule({}),
];
/** A class of one's own, beside those that are passed on. */
export const wide = (rest: Attributes): Rendered => html`<p ${attrs({ ...rest, class: ["wide", rest.class] })}></p>`;
card({}); // ✗ Property 'title' is missing
card({ title: 1 }); // ✗ 'number' is not assignable to type 'string'
card({ title: "a", acitons: "x" }); // ✗ Did you mean to write 'actions'?
card({ title: "a", actions: () => "x" }); // ✗ '() => string' is not assignable to type 'Renderable'
card({ title: "a", rest: { style: { color: "red" } } }); // ✗ 'color' does not exist in type
export const text: Component<Card> = ({ title }) => title; // ✗ 'string' is not assignable to type 'Rendered'

// ── slots with arguments, of any type of row ──
interface Table<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly { readonly label: string; readonly cell: (row: Row) => Renderable }[];
}
const table = <Row extends { id: string }>({ rows, columns }: Table<Row>): Rendered =>
  html`${each(rows, (row) => row.id, (row) => html`<tr>${columns.map(({ cell }) => html`<td>${cell(row)}</td>`)}</tr>`)}`;
const people = [{ id: "1", name: "Ada" }];
export const named = table({ rows: people, columns: [{ label: "Name", cell: (row) => row.name }] });
table({ rows: people, columns: [{ label: "Name", cell: (row) => row.nam }] }); // ✗ Did you mean 'name'?
table({ rows: [{ name: "Ada" }], columns: [] }); // ✗ 'name' does not exist in type '{ id: string; }'

// ── the ready ones ──
export const ready = [
  link({ navigate: "/rooms/1", replace: true, class: "room" }, "Room"),
  link({ patch: "/rooms" }, html`<b>Rooms</b>`),
  link({ href: "/login", "aria-current": "page" }, "Log in"),
  portal({ id: "tip", target: "body", class: "tip" }, "text"),
];
link({}, "nowhere"); // ✗ is not assignable to parameter of type 'LinkProps'
link({ navigate: "/", patch: "/" }, "both"); // ✗ is not assignable to parameter of type 'LinkProps'
link({ href: "/", replace: true }, "replaced"); // ✗ is not assignable to parameter of type 'LinkProps'
portal({ id: "tip" }, "text"); // ✗ is not assignable to parameter of type 'PortalProps'
createLiveView<{ name: AsyncResult<{ first: string }> }>({
  initial: { name: AsyncResult.loading() },
  render: ({ name }, meta) => html`
    ${liveFlash({ flash: meta.flash, kind: "info" })}
    ${asyncResult(name, { ok: (value) => value.first, loading: "…", failed: (_error, previous) => previous?.first })}`,
});
const bio = AsyncResult.ok("x");
asyncResult(bio, { ok: (value) => value.length.toFixed() });
asyncResult(bio, { ok: (value: number) => value }); // ✗ 'AsyncResult<string>' is not assignable to … 'AsyncResult<number>'
asyncResult(bio, { loading: "…" }); // ✗ Property 'ok' is missing

// ── attributes ──
attrs({ id: "a", hidden: true, class: ["a", ["b", null]], "phx-click": JS.hide(), "data-n": 1n });
attrs({ title: html`<b>x</b>` }); // ✗ is not assignable to type 'AttributeValue'
attrs({ onclick: () => "x" }); // ✗ is not assignable to type 'AttributeValue'

// ── commands ──
type E = { type: "increment" } | { type: "rename"; name: string; at: number };
createLiveView<{ n: number }, E>({
  render: ({ n }, meta) => {
    const { js } = meta;
    type Typed = Expect<Equal<typeof js, JSCommands<E>>>;
    const fine: readonly (Command | Typed)[] = [
      js.push("increment").addClass("busy", { to: { closest: "tr" } }),
      js.push("rename", { value: { name: "Ada" }, target: 1, loading: ".x", pageLoading: true }).push("rename"),
      js.show({ transition: ["a", "b", "c"], time: 100, display: "flex" }).concat(meta.event("increment")),
    ];
    js.push("incremnt"); // ✗ '"incremnt"' is not assignable to … '"increment" | "rename"'
    js.addClass("a").push("renam"); // ✗ '"renam"' is not assignable to … '"increment" | "rename"'
    js.push("rename", { value: { nam: "x" } }); // ✗ Did you mean to write 'name'?
    js.push("rename", { value: { name: 1 } }); // ✗ 'number' is not assignable to type 'string'
    js.push("increment", { value: { by: 1 } }); // ✗ is not assignable to type 'undefined'
    js.show({ to: { outer: "tr" } }); // ✗ 'outer' does not exist in type
    js.hide({ transition: ["a", "b"] }); // ✗ is not assignable to type
    js.hide({ display: "flex" }); // ✗ 'display' does not exist in type
    js.toggleAttribute("open", ["a", "b", "c"]); // ✗ is not assignable to type 'undefined'
    return html`<b phx-click="${fine[0]}">${n}</b>`;
  },
});
export const any = JS.push("any name", { value: { any: 1 } }).dispatch("app:copy", { detail: { text: "x" } });
/** A helper that continues a chain, of whichever events. */
const closed = <Events extends { type: string }>(js: JSCommands<Events>, id: string): JSCommands<Events> =>
  js.hide({ to: `#${id}` }).popFocus();
export const chain: JSCommands<E> = closed(new Map<string, JSCommands<E>>().get("x")!, "dialog").push("increment");
export const plain = closed(JS, "dialog").push("any name");
