// What has happened lately, for the dashboard.
import { topic } from "wingbeat";
import type { ActivityRow } from "../database/schema.ts";
import { newId } from "./ids.ts";
import { db, pubSub } from "./store.ts";

export type Activity = ActivityRow;

export const activitiesTopic = topic<{ type: "activity"; activity: Activity }>("activities");

/** @param path where it leads */
export async function noteActivity(text: string, path: string): Promise<void> {
  const activity: Activity = { id: newId(), text, path, created_at: Date.now() };
  await db.insertInto("activities").values(activity).execute();
  await pubSub.broadcast(activitiesTopic, { type: "activity", activity });
}

/** The latest first. */
export function recentActivities(limit: number): Promise<Activity[]> {
  return db.selectFrom("activities").selectAll().orderBy("id", "desc").limit(limit).execute();
}
