// Async work: what its types accept and infer; a line with ✗ must be refused with the text after it.
import { AsyncResult, asyncResult, createLiveComponent, createLiveView, html } from "wingbeat";
import type { ContextOf, Outcome } from "wingbeat";
import type { Equal, Expect } from "./equal.ts";

interface Person {
  readonly name: string;
}
type Profile = { id: string; bio: AsyncResult<string>; person: AsyncResult<Person>; tags: AsyncResult<string[]> };

const readBio = async (id: string, signal?: AbortSignal): Promise<string> => (signal?.aborted === true ? "" : id);
/** As a library's own kind of promise. */
declare const lazily: PromiseLike<string>;
declare const maybe: string | undefined;

export const profile = createLiveView<Profile, { type: "again" } | { type: "stop" }>({
  initial: { id: "1", bio: AsyncResult.loading(), person: AsyncResult.loading(), tags: AsyncResult.ok([]) },
  mount: (socket) => {
    socket.assignAsync("bio", (signal) => readBio(socket.context.id, signal));
    socket.assignAsync("bio", () => "at once", { reset: true });
    socket.assignAsync("bio", () => lazily, { reset: undefined });
    socket.assignAsync(["bio", "tags"], async () => ({ bio: "x", tags: ["a"] }), { reset: ["tags"] });
    socket.startAsync(
      "count",
      async (signal) => (await readBio("2", signal)).length,
      (outcome) => {
        const told: Outcome<number> = outcome;
        socket.assign({ id: told.ok ? told.value.toFixed() : String(told.error) });
      },
    );
    socket.startAsync(
      "later",
      () => lazily,
      async (outcome) => socket.assign({ id: outcome.ok ? outcome.value.trim() : "" }),
    );
  },
  handleEvent: (_event, socket) => {
    socket.cancelAsync("bio");
    socket.cancelAsync("count", new Error("enough"));
  },
  render: ({ bio, person }, meta) =>
    html`${asyncResult(bio, { ok: (text) => text })}
    ${asyncResult(person, {
      loading: html`<p>…</p>`,
      ok: ({ name }, status) => html`<p aria-busy="${status === "loading"}">${name}</p>`,
      failed: (error, previous) =>
        html`<p>${String(error)} ${previous?.name} <button phx-click="${meta.event("again")}">Again</button></p>`,
    })}`,
});

// Inferred from `initial`.
export const inferred = createLiveView({
  initial: { found: AsyncResult.loading<readonly Person[]>() },
  mount: (socket) => socket.assignAsync("found", async () => [{ name: "Ada" }]),
  render: ({ found }) => html`${found.value?.length}`,
});
export type Inferred = Expect<Equal<ContextOf<typeof inferred>, { found: AsyncResult<readonly Person[]> }>>;

export const card = createLiveComponent<{ id: string }, { bio: AsyncResult<string> }>({
  initial: { bio: AsyncResult.loading() },
  update: (socket, { id }) => {
    socket.assignAsync("bio", (signal) => readBio(id, signal));
    socket.cancelAsync("bio");
    socket.assignAsync("id", () => "x"); // ✗ '"id"' is not assignable to parameter of type '"bio" | readonly "bio"[]'
  },
  render: ({ bio }) => html`<p>${bio.value}</p>`,
});

createLiveView<Profile>({
  mount: (socket) => {
    socket.assignAsync("boi", () => "x"); // ✗ '"boi"' is not assignable to parameter of type
    socket.assignAsync("id", () => "x"); // ✗ '"id"' is not assignable to parameter of type
    socket.assignAsync("bio", () => 1); // ✗ 'number' is not assignable to type
    socket.assignAsync("bio", async () => 1); // ✗ 'Promise<number>' is not assignable to type 'Eventually<string>'
    socket.assignAsync("bio", async () => maybe); // ✗ 'undefined' is not assignable to type 'string'
    socket.assignAsync("bio", readBio("1")); // ✗ 'Promise<string>' is not assignable to parameter of type '(signal: AbortSignal) => Eventually<string>'
    socket.assignAsync(["bio", "id"], () => ({ bio: "x", id: "x" })); // ✗ '"id"' is not assignable to type
    socket.assignAsync(["bio", "tags"], () => ({ bio: "x" })); // ✗ Property 'tags' is missing in type '{ bio: string; }'
    socket.assignAsync(["bio", "tags"], async () => ({ bio: "x", tags: "a" })); // ✗ 'string' is not assignable to type 'string[]'
    socket.assignAsync("bio", () => "x", { reset: ["age"] }); // ✗ '"age"' is not assignable to type
    socket.startAsync("work", () => 1); // ✗ Expected 3 arguments, but got 2
    socket.startAsync("work", readBio("1"), () => {}); // ✗ 'Promise<string>' is not assignable to parameter of type
    const done = (outcome: Outcome<number>) => socket.assign({ id: String(outcome.value) }); // ✗ Property 'value' does not exist on type
    socket.startAsync("work", async () => "text", done); // ✗ Type 'string' is not assignable to type 'number'
  },
  render: (context) => html`${context.bio}`, // ✗ 'AsyncResult<string>' is not assignable to … 'Renderable'
});
