import { LiveError } from "../errors.ts";
import type { MailboxLimits } from "./mailbox.ts";

// What a developer can do wrong with a view, and the mend.

export function noHandler(event: string, view: string): LiveError {
  return new LiveError(
    "view.no-handler",
    `
The browser sent "${event}" to ${view}, which has no handleEvent.
Add one, or remove the phx-… attribute that sends it from its template:

    handleEvent: (event, socket) => { /* event.type is ${JSON.stringify(event)} */ }
`.trim(),
  );
}

export function mailboxOverflow(view: string, limit: keyof MailboxLimits, count: number): LiveError {
  return new LiveError(
    "view.mailbox-overflow",
    `More than ${count} messages wait for ${view} (limits.${limit}), so it ends and mounts anew. Broadcast less often, or make its callbacks faster.`,
  );
}

/** @param handled what becomes of it: `"handleGap is told"` */
export function infosDropped(view: string, limit: number, missed: number, handled: string): string {
  return `${view} had more than ${limit} infos waiting (limits.maxMailboxInfos): ${missed} were dropped, and ${handled}. Broadcast less often, or make its callbacks faster.`;
}

/** @param what how many may wait: `"1000 events"` */
export function unreadPageEvents(view: string, what: string): LiveError {
  return new LiveError(
    "view.mailbox-overflow",
    `More than ${what} of socket.pushEvent wait for the page of ${view}, which does not read them, so it ends and mounts anew. What only shows the present state belongs into the context: it is merged while a page lags.`,
  );
}

export function unreadStreamItems(view: string, count: number): LiveError {
  return new LiveError(
    "view.mailbox-overflow",
    `More than ${count} items of streams wait for the page of ${view}, which does not read them, so it ends and mounts anew. Items of a stream cannot be merged as the values of a context are: stream fewer of them, or assign what only shows the present state.`,
  );
}

export function unshownStream(view: string, stream: string, count: number): string {
  return `${view} streamed ${count} ${count === 1 ? "item" : "items"} into "${stream}", but its render did not show the stream, so the page will never get them. If the list is to come back later, stream its items then.`;
}

export function streamsInSharedRender(view: string): LiveError {
  return new LiveError(
    "render.impure-shared",
    `${view} has a stream, and a render declared as shared(…). A stream's rows are shown once and then forgotten, so its render is this page's own: take shared(…) away, and wrap rows that many pages show in memo(item, row) instead.`,
  );
}

export function assignedStream(view: string, name: string): LiveError {
  return new LiveError(
    "stream.unknown",
    `${view} assigned context.${name}, which is a stream. To show other items, use socket.stream(${JSON.stringify(name)}, items, { reset: true }).`,
  );
}

export function patchLoop(view: string, count: number, to: string): LiveError {
  return new LiveError(
    "view.patch-loop",
    `handleParams of ${view} called socket.pushPatch ${count} times in a row; the last was to ${to}. Patch only when the URL is not yet what it should be.`,
  );
}

export function patchOfSticky(view: string, path: string): LiveError {
  return new LiveError(
    "view.invalid-destination",
    `socket.pushPatch(${JSON.stringify(path)}): ${view} is a sticky view, which has no address of its own. To another page: socket.pushNavigate, on which it stays.`,
  );
}

export function patchLeadsAway(view: string, path: string): LiveError {
  return new LiveError(
    "view.invalid-destination",
    `socket.pushPatch("${path}") leads away from ${view}: a patch stays in its view. Use socket.pushNavigate for another view of this app.`,
  );
}

export function mutatedInPlace(view: string): LiveError {
  return new LiveError(
    "render.mutated-in-place",
    `
${view} would now render something else than its page shows, but nothing was assigned. A value of its context was
changed in place, or its render reads something besides the context. The page stays as it is until the next assign.

Make a new value and assign it, so that the change is seen:

    socket.assign({ items: [...socket.context.items, item] });   // not: socket.context.items.push(item)
`.trim(),
  );
}
