// All snippets of somebody as a ZIP. It is made in the background, and is in the database: whichever process answers
// knows how far it is, and has it when it is done.
import { buffer } from "node:stream/consumers";
import { topic } from "wingbeat";
import { ZipFile } from "yazl";
import type { ExportRow } from "../database/schema.ts";
import type { User } from "./accounts.ts";
import { newId } from "./ids.ts";
import { notify } from "./notifications.ts";
import { snippetsOf } from "./snippets.ts";
import { db, pubSub } from "./store.ts";

/** `interrupted`: the process that made it is gone. */
export type Export = Pick<ExportRow, "id" | "user_id" | "progress" | "created_at" | "expires_at"> & {
  readonly status: ExportRow["status"] | "interrupted" | "expired";
};
export type ExportMessage = { type: "export"; export: Export };

export const exportsTopic = (userId: string) => topic<ExportMessage>(`user:${userId}:exports`);

const KEPT_MS = 60 * 60 * 1000;
/** Whoever makes one says so at least as often as this. Three times as long without is too long. */
const BEAT_MS = 1_000;
const SILENCE_MS = 3 * BEAT_MS;
/** For each snippet, so that there is something to see: a hundred snippets are in a file at once. */
const PACE_MS = Number(process.env["EXPORT_PACE_MS"] ?? 150);

const running = new Set<Promise<void>>();

/** The latest of somebody, if there is one. */
export async function latestExport(userId: string): Promise<Export | undefined> {
  const row = await db
    .selectFrom("exports")
    // Not the archive: pages ask for this every few seconds.
    .select(["id", "user_id", "status", "progress", "created_at", "beat_at", "expires_at"])
    .where("user_id", "=", userId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toExport(row);
}

/** @returns the one that is under way, if there is one */
export async function startExport(user: User): Promise<Export> {
  const now = Date.now();
  // Nobody can have what has expired: its room is given back.
  await db.updateTable("exports").set({ archive: null }).where("expires_at", "<", now).execute();
  await db
    .updateTable("exports")
    .set({ status: "failed" })
    .where("user_id", "=", user.id)
    .where("status", "=", "running")
    .where("beat_at", "<", now - SILENCE_MS)
    .execute();
  const row: ExportRow = {
    id: newId(now),
    user_id: user.id,
    status: "running",
    progress: 0,
    archive: null,
    created_at: now,
    beat_at: now,
    expires_at: now + KEPT_MS,
  };
  // The index on what runs makes two presses a race that one wins.
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("exports")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) return (await latestExport(user.id)) ?? toExport(row);
  await tell(row);
  const work = makeArchive(user, row).finally(() => running.delete(work));
  running.add(work);
  return toExport(row);
}

/** @returns the archive, if it is theirs, is done and has not expired */
export async function archiveOf(userId: string, id: string): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom("exports")
    .select("archive")
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .where("status", "=", "done")
    .where("expires_at", ">", Date.now())
    .executeTakeFirst();
  return row?.archive ?? undefined;
}

/** Resolves when none is being made by this process. */
export async function exportsDone(): Promise<void> {
  await Promise.all(running);
}

/** Never rejects. */
async function makeArchive(user: User, row: ExportRow): Promise<void> {
  const beat = setInterval(() => void update(row, {}).catch(() => {}), BEAT_MS);
  try {
    const archive = await zip(user, (progress) => update(row, { progress }));
    await update(row, { status: "done", progress: 100, archive });
    await notify(user.id, "Your snippets are ready to download", "/export");
  } catch (error) {
    console.error("[snippetbox] export:", error);
    await update(row, { status: "failed" }).catch(() => {});
  } finally {
    clearInterval(beat);
  }
}

async function zip(user: User, progressed: (percent: number) => Promise<void>): Promise<Uint8Array> {
  const snippets = await snippetsOf(user.id);
  const file = new ZipFile();
  const bytes = buffer(file.outputStream);
  for (const [index, snippet] of snippets.entries()) {
    const name = snippet.title.replaceAll(/[^\p{L}\p{N} ._-]/gu, "_");
    file.addBuffer(Buffer.from(snippet.content), `${index + 1} ${name}.${snippet.language}.txt`);
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    await progressed(Math.round(((index + 1) / snippets.length) * 99));
  }
  file.addBuffer(Buffer.from(`${snippets.length} snippets of ${user.name}\n`), "README.txt");
  file.end();
  return bytes;
}

async function update(row: ExportRow, change: Partial<ExportRow>): Promise<void> {
  Object.assign(row, change, { beat_at: Date.now() });
  await db
    .updateTable("exports")
    .set({ ...change, beat_at: row.beat_at })
    .where("id", "=", row.id)
    .execute();
  await tell(row);
}

function tell(row: ExportRow): Promise<void> {
  return pubSub.broadcast(exportsTopic(row.user_id), { type: "export", export: toExport(row) });
}

function toExport(row: Omit<ExportRow, "archive">): Export {
  const { id, user_id, status, progress, created_at, beat_at, expires_at } = row;
  const now = Date.now();
  const isLost = status === "running" && now - beat_at > SILENCE_MS;
  const isExpired = status === "done" && now > expires_at;
  const known = isLost ? "interrupted" : isExpired ? "expired" : status;
  return { id, user_id, status: known, progress, created_at, expires_at };
}
