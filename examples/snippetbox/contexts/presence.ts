// Who is where, on all nodes.
import { Presence, topic, type PresenceDiff } from "wingbeat";
import { pubSub } from "./store.ts";

export type Here = { readonly name: string; readonly typing: boolean };

// Who loads the page again, or is sent to another server by a deploy, has never been away.
export const presence = new Presence<Here>({ pubSub, graceMs: 3_000 });

/** Everybody who has any page open. */
export const everybody = topic<PresenceDiff<Here>>("everybody");
/** Whoever looks at a snippet, or edits it. */
export const snippetPresence = (id: string) => topic<PresenceDiff<Here>>(`presence:snippets:${id}`);
export const roomPresence = (room: string) => topic<PresenceDiff<Here>>(`presence:chat:${room}`);
