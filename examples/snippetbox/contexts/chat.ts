// Rooms to talk in. A message is in the database before anybody sees it, so that nobody sees what others never get.
import { topic } from "wingbeat";
import type { MessageRow } from "../database/schema.ts";
import { findUsersByName, keyOf, type User } from "./accounts.ts";
import { newId } from "./ids.ts";
import { notify } from "./notifications.ts";
import { db, pubSub } from "./store.ts";

export type ChatMessage = MessageRow & { readonly author: string };
export type Said = { type: "said"; message: ChatMessage };

export const chatTopic = (room: string) => topic<Said>(`chat:${room}`);

/** Those that are offered; any other name of this form is a room as well. */
export const rooms = ["lobby", "typescript", "help"] as const;
export const isRoom = (name: string): boolean => /^[a-z0-9][a-z0-9-]{0,30}$/.test(name);

export const MAX_MESSAGE_LENGTH = 2_000;

/** @returns `undefined` if there is nothing to say */
export async function sendMessage(author: User, room: string, typed: string): Promise<ChatMessage | undefined> {
  const text = typed.trim().slice(0, MAX_MESSAGE_LENGTH);
  if (text === "" || !isRoom(room)) return undefined;
  const row: MessageRow = { id: newId(), room, author_id: author.id, text, created_at: Date.now() };
  await db.insertInto("messages").values(row).execute();
  const message = { ...row, author: author.name };
  await pubSub.broadcast(chatTopic(room), { type: "said", message });
  await tellMentioned(author, room, text);
  return message;
}

/**
 * The latest messages, the oldest of them first.
 * @param before the id of the message before which they were said. @default the end
 */
export async function messagesIn(room: string, limit: number, before?: string): Promise<ChatMessage[]> {
  let query = db
    .selectFrom("messages")
    .innerJoin("users", "users.id", "messages.author_id")
    .selectAll("messages")
    .select("users.name as author")
    .where("room", "=", room);
  if (before !== undefined) query = query.where("messages.id", "<", before);
  const rows = await query.orderBy("messages.id", "desc").limit(limit).execute();
  return rows.reverse();
}

/** `@Ada`, or `@Amber Wren`: whoever is called so is told. */
async function tellMentioned(author: User, room: string, text: string): Promise<void> {
  const calls = [...text.matchAll(/(?<![\p{L}\p{N}])@"?([\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,23})/gu)]
    .slice(0, 10)
    .map(([, words = ""]) => namesIn(words));
  const people = new Map((await findUsersByName(calls.flat())).map((person) => [keyOf(person.name), person]));
  const called = calls.map((names) => names.map((name) => people.get(keyOf(name))).find((person) => person));
  for (const person of new Set(called)) {
    if (person === undefined || person.id === author.id) continue;
    await notify(person.id, `${author.name} mentioned you in #${room}`, `/chat/${room}`);
  }
}

/** Names may have spaces, and a sentence goes on after them: all that may be meant, the longest first. */
function namesIn(words: string): string[] {
  const ends = [...words.matchAll(/[^ ](?![\p{L}\p{M}\p{N}])/gu)].map(({ index, 0: last }) => index + last.length);
  return ends.toReversed().map((end) => words.slice(0, end));
}
