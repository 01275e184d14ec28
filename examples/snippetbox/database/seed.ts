// Something to look at on the first day: a few people, who cannot log in, and their snippets of the last week.
import { newId } from "../contexts/ids.ts";
import { DAY_MS, dayOf } from "../contexts/days.ts";
import { seeds } from "./seeds.ts";
import type { OpenDatabase } from "./open.ts";

/** Fills an empty database. Several processes may do so at once: one does it. */
export async function seed({ db, alone }: OpenDatabase): Promise<void> {
  await alone(() =>
    db.transaction().execute(async (transaction) => {
      const someone = await transaction.selectFrom("users").select("id").limit(1).executeTakeFirst();
      if (someone !== undefined) return;
      const now = Date.now();
      const people = new Map<string, string>();
      for (const [index, { owner, title, language, content }] of seeds.entries()) {
        const at = now - (seeds.length - index) * (DAY_MS / 2);
        let ownerId = people.get(owner);
        if (ownerId === undefined) {
          ownerId = newId();
          people.set(owner, ownerId);
          await transaction
            .insertInto("users")
            .values({ id: ownerId, name: owner, name_key: owner.toLowerCase(), password_hash: null, created_at: at })
            .execute();
        }
        const id = newId();
        await transaction
          .insertInto("snippets")
          .values({ id, owner_id: ownerId, title, language, content, created_at: at, updated_at: at })
          .execute();
        const day = dayOf(at);
        await transaction
          .insertInto("snippet_views")
          .values({ snippet_id: id, day, count: 3 + ((index * 7) % 11) })
          .execute();
      }
    }),
  );
}
