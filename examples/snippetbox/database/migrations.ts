// The tables, step by step. A step that has run anywhere is never changed: what is new is a new step.
import { Migrator, sql, type Kysely, type Migration } from "kysely";
import { fullTextMigration } from "./full-text.ts";
import type { OpenDatabase } from "./open.ts";

/** Brings the database up to date. Several processes may do so at once: one does it, the others wait for it. */
export async function migrate({ db, kind, alone }: OpenDatabase): Promise<void> {
  const migrations: Record<string, Migration> = {
    "0001-people-and-snippets": peopleAndSnippets,
    "0002-full-text": fullTextMigration(kind),
    "0003-chat-and-notifications": chatAndNotifications,
    "0004-jobs": { up: (database) => jobs(database, kind === "postgres" ? "bytea" : "blob") },
    "0005-one-export-each": oneExportEach,
  };
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await alone(() => migrator.migrateToLatest());
  if (error !== undefined) throw new Error("The database could not be brought up to date.", { cause: error });
}

const peopleAndSnippets: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable("users")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("name_key", "text", (column) => column.notNull().unique())
      .addColumn("password_hash", "text")
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("snippets")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("owner_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("title", "text", (column) => column.notNull())
      .addColumn("language", "text", (column) => column.notNull())
      .addColumn("content", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("snippets_owner").on("snippets").column("owner_id").execute();
    await db.schema
      .createTable("snippet_views")
      .addColumn("snippet_id", "text", (column) => column.notNull())
      .addColumn("day", "text", (column) => column.notNull())
      .addColumn("count", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("snippet_views_key", ["day", "snippet_id"])
      .execute();
  },
};

const chatAndNotifications: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable("messages")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("room", "text", (column) => column.notNull())
      .addColumn("author_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("text", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("messages_room").on("messages").columns(["room", "id"]).execute();
    await db.schema
      .createTable("notifications")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
      .addColumn("text", "text", (column) => column.notNull())
      .addColumn("path", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("read_at", "bigint")
      .execute();
    await db.schema.createIndex("notifications_user").on("notifications").columns(["user_id", "id"]).execute();
    await db.schema
      .createTable("activities")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("text", "text", (column) => column.notNull())
      .addColumn("path", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .execute();
  },
};

async function jobs(db: Kysely<unknown>, bytes: "bytea" | "blob"): Promise<void> {
  await db.schema
    .createTable("exports")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("progress", "integer", (column) => column.notNull())
    .addColumn("archive", bytes)
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("beat_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("exports_user").on("exports").columns(["user_id", "id"]).execute();
  await db.schema
    .createTable("deploys")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("step", "text", (column) => column.notNull())
    .addColumn("started_by", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("beat_at", "bigint", (column) => column.notNull())
    .execute();
  // Of all that ever ran, one may be running: the database itself sees to it, whichever process is asked.
  await sql`create unique index deploys_running on deploys (status) where status = 'running'`.execute(db);
}

/** Of each user's exports one may be running. Those that did when this was not so yet are ended with their servers. */
const oneExportEach: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`update exports set status = 'failed' where status = 'running'`.execute(db);
    await sql`create unique index exports_running on exports (user_id) where status = 'running'`.execute(db);
  },
};
