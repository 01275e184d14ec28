import { LiveError } from "../../errors.ts";
import { excerptOfView, type FoundView } from "../../html/view-places.ts";

// What a developer can do wrong with nested views, and the mend.

/** One place of a nested view on a page, and whose render it stands in. */
export interface OwnedPlace {
  /** Of the view, for logs. */
  readonly owner: string;
  readonly found: FoundView;
}

export function duplicateNestedId(id: string, places: readonly OwnedPlace[]): LiveError {
  return new LiveError(
    "nested.duplicate-id",
    `
Two places of one page have a nested view with the id ${JSON.stringify(id)}. It is the id of an element, by which the browser
knows the view, so each needs its own:

${places.map(describePlace).join("\n\n")}

Use something that identifies what the view shows, such as liveRender(card, { id: \`card-\${item.id}\` }).
`.trim(),
  );
}

function describePlace({ owner, found }: OwnedPlace): string {
  return `in ${owner}:\n${excerptOfView(found)}`;
}

export function otherView(id: string, owner: string): LiveError {
  return new LiveError(
    "nested.moved",
    `
${owner} shows another view under the id ${JSON.stringify(id)} than the page has there. The browser knows a nested view by its id
alone, so it would keep the one that runs. Give each view an id of its own:

    \${tab === "map" ? liveRender(map, { id: "map" }) : liveRender(table, { id: "table" })}
`.trim(),
  );
}

export function notRegistered(id: string, owner: string): LiveError {
  return new LiveError(
    "nested.not-registered",
    `
The sticky view ${JSON.stringify(id)} in ${owner} has no name. After a reconnect the browser brings it back by itself, perhaps to another
process, which must know which view that is. Name it in the app:

    createLiveApp({ views: { player: playerView }, routes: { … } })
`.trim(),
  );
}

export function notJson(id: string, path: string): LiveError {
  return new LiveError(
    "nested.invalid-option",
    `The session of the sticky view ${JSON.stringify(id)} is no JSON at ${path}. The browser keeps it until it brings the view back: give plain objects, lists, strings, finite numbers, booleans and null, best a mere id, and load the rest in mount.`,
  );
}

export function sessionTooLarge(id: string, length: number, limit: number): LiveError {
  return new LiveError(
    "nested.invalid-option",
    `The session of the sticky view ${JSON.stringify(id)} takes ${length} characters as JSON; at most ${limit} are possible, because the browser keeps it in a token. Give an id, and load the rest in mount.`,
  );
}

export function notAView(view: unknown): LiveError {
  const got = view === null ? "null" : typeof view;
  return new LiveError(
    "nested.invalid-option",
    `liveRender(view, { id }) takes what createLiveView({ … }) returned (from this copy of wingbeat), but it got ${got}. For a live component there is liveComponent.`,
  );
}

export function invalidId(id: string): LiveError {
  return new LiveError(
    "nested.invalid-option",
    `liveRender got the id ${JSON.stringify(id.slice(0, 60))}. The id of a nested view is that of its element: 1 to 200 characters, without white space.`,
  );
}

export function hasHandleParams(id: string): LiveError {
  return new LiveError(
    "nested.invalid-option",
    `The view nested as ${JSON.stringify(id)} has handleParams, which is called for the page's own view only: the address is that one's. Handle it there, and give what the nested view needs by a topic or by its session.`,
  );
}

export function invalidContainer(id: string, tag: unknown): LiveError {
  return new LiveError(
    "nested.invalid-option",
    `The container of the nested view ${JSON.stringify(id)} is ${JSON.stringify(tag)}. Give the tag of an element that can hold others, in lower case ("section"), or the tag and attributes (["li", { class: "card" }]).`,
  );
}

export function tooDeep(id: string, depth: number): LiveError {
  return new LiveError(
    "nested.invalid-option",
    `The nested view ${JSON.stringify(id)} is the ${depth}th around another: most likely a view that renders itself.`,
  );
}
