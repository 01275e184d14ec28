// Snippets of code: kept in the database; every change is told to whoever looks at the list, and at the snippet.
import { topic } from "wingbeat";
import { z } from "zod";
import { searchQuery, type Hit } from "../database/full-text.ts";
import type { SnippetRow } from "../database/schema.ts";
import type { User } from "./accounts.ts";
import { noteActivity } from "./activities.ts";
import { dayOf } from "./days.ts";
import { isId, newId } from "./ids.ts";
import { languages } from "./languages.ts";
import { database, db, pubSub } from "./store.ts";

export type Snippet = SnippetRow & { readonly owner: string };

/** What the form asks for. */
export const snippetFields = z.object({
  title: z.string().trim().min(1, "Give it a title.").max(80, "At most 80 characters."),
  language: z.enum(languages, "Choose a language of the list."),
  content: z
    .string()
    .max(20_000, "At most 20 000 characters.")
    .refine((text) => text.trim() !== "", "A snippet needs some code."),
});
export type SnippetFields = z.infer<typeof snippetFields>;

export type SnippetMessage =
  | { type: "snippet_created"; snippet: Snippet }
  | { type: "snippet_updated"; snippet: Snippet }
  | { type: "snippet_deleted"; snippet: Snippet };

/** Every change of any snippet. */
export const snippetsTopic = topic<SnippetMessage>("snippets");
/** The changes of one. */
export const snippetTopic = (id: string) => topic<SnippetMessage>(`snippets:${id}`);

// ── reading ──

/** The latest first. */
export function listSnippets(limit: number): Promise<Snippet[]> {
  return withOwner().orderBy("snippets.id", "desc").limit(limit).execute();
}

export async function findSnippet(id: string): Promise<Snippet | undefined> {
  if (!isId(id)) return undefined;
  return withOwner().where("snippets.id", "=", id).executeTakeFirst();
}

/** Those of one person, the oldest first. */
export function snippetsOf(userId: string): Promise<Snippet[]> {
  return withOwner().where("owner_id", "=", userId).orderBy("snippets.id").execute();
}

/** Those that have all the words; the last may be unfinished. The best first. */
export async function searchSnippets(typed: string, limit: number): Promise<Hit[]> {
  const query = searchQuery(database.kind, typed, limit);
  return query === undefined ? [] : (await query.execute(db)).rows;
}

function withOwner() {
  return db
    .selectFrom("snippets")
    .innerJoin("users", "users.id", "snippets.owner_id")
    .selectAll("snippets")
    .select("users.name as owner");
}

// ── changing ──

export async function createSnippet(owner: User, fields: SnippetFields): Promise<Snippet> {
  const now = Date.now();
  const row: SnippetRow = { ...fields, id: newId(now), owner_id: owner.id, created_at: now, updated_at: now };
  await db.insertInto("snippets").values(row).execute();
  const snippet = { ...row, owner: owner.name };
  await tell({ type: "snippet_created", snippet });
  await noteActivity(`${owner.name} added “${snippet.title}”`, `/snippets/${snippet.id}`);
  return snippet;
}

/** @returns `undefined` if `user` does not own such a snippet */
export async function updateSnippet(user: User, id: string, fields: SnippetFields): Promise<Snippet | undefined> {
  const row = await db
    .updateTable("snippets")
    .set({ ...fields, updated_at: Date.now() })
    .where("id", "=", id)
    .where("owner_id", "=", user.id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const snippet = { ...row, owner: user.name };
  await tell({ type: "snippet_updated", snippet });
  await noteActivity(`${user.name} edited “${snippet.title}”`, `/snippets/${id}`);
  return snippet;
}

/** @returns `false` if `user` does not own such a snippet */
export async function deleteSnippet(user: User, id: string): Promise<boolean> {
  const row = await db
    .deleteFrom("snippets")
    .where("id", "=", id)
    .where("owner_id", "=", user.id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return false;
  await tell({ type: "snippet_deleted", snippet: { ...row, owner: user.name } });
  await noteActivity(`${user.name} deleted “${row.title}”`, "/snippets");
  return true;
}

async function tell(message: SnippetMessage): Promise<void> {
  await pubSub.broadcast(snippetsTopic, message);
  await pubSub.broadcast(snippetTopic(message.snippet.id), message);
}

/** Somebody has opened it. */
export async function countView(id: string): Promise<void> {
  await db
    .insertInto("snippet_views")
    .values({ snippet_id: id, day: dayOf(Date.now()), count: 1 })
    .onConflict((conflict) =>
      conflict.columns(["day", "snippet_id"]).doUpdateSet((now) => ({ count: now("snippet_views.count", "+", 1) })),
    )
    .execute();
}
