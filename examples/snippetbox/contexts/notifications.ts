// What people should know of: kept until they have read it, and shown at once wherever they are.
import { topic } from "wingbeat";
import type { NotificationRow } from "../database/schema.ts";
import { newId } from "./ids.ts";
import { db, pubSub } from "./store.ts";

export type Notification = NotificationRow;

export type NotificationMessage =
  | { type: "notified"; notification: Notification }
  /** In another tab of theirs. */
  | { type: "notifications_read"; at: number };

export const notificationsTopic = (userId: string) => topic<NotificationMessage>(`user:${userId}:notifications`);

/** @param path where it leads */
export async function notify(userId: string, text: string, path: string): Promise<void> {
  const notification: Notification = {
    id: newId(),
    user_id: userId,
    text,
    path,
    created_at: Date.now(),
    read_at: null,
  };
  await db.insertInto("notifications").values(notification).execute();
  await pubSub.broadcast(notificationsTopic(userId), { type: "notified", notification });
}

/** The latest first. */
export function notificationsOf(userId: string, limit: number): Promise<Notification[]> {
  return db
    .selectFrom("notifications")
    .selectAll()
    .where("user_id", "=", userId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

export async function countUnread(userId: string): Promise<number> {
  const { unread } = await db
    .selectFrom("notifications")
    .select((of) => of.fn.countAll<number>().as("unread"))
    .where("user_id", "=", userId)
    .where("read_at", "is", null)
    .executeTakeFirstOrThrow();
  return unread;
}

export async function markAllRead(userId: string): Promise<void> {
  const at = Date.now();
  await db
    .updateTable("notifications")
    .set({ read_at: at })
    .where("user_id", "=", userId)
    .where("read_at", "is", null)
    .execute();
  await pubSub.broadcast(notificationsTopic(userId), { type: "notifications_read", at });
}
