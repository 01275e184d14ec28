// What all contexts share: the database, the bus, and the making of ids. Chosen by the environment, once per process.
import { fileURLToPath } from "node:url";
import { migrate } from "../database/migrations.ts";
import { openDatabase } from "../database/open.ts";
// The one of the small examples, which are served with Snippetbox.
import { pubSub } from "../../pubsub.ts";

export { pubSub };

const { DATABASE_URL } = process.env;

export const database = await openDatabase(
  DATABASE_URL ?? fileURLToPath(new URL("../data/snippetbox.db", import.meta.url)),
);
await migrate(database);

export const { db } = database;

export async function closeStore(): Promise<void> {
  await pubSub.close();
  await db.destroy();
}
