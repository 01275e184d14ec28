// The dashboard's figures, all of them counted in the data.
import { db } from "./store.ts";
import { DAY_MS, dayOf, startOfDay } from "./days.ts";

/** One figure: what it is, and what it was a day ago. */
export type Figure = { readonly now: number; readonly before: number };
export type Day = { readonly day: string; readonly views: number; readonly snippets: number };

export type Figures = {
  /** All there are, now and when today began. */
  readonly snippets: Figure;
  readonly people: Figure;
  /** Today's, and those of the whole of yesterday. */
  readonly views: Figure;
  readonly messages: Figure;
  /** The last seven, today at the end. */
  readonly days: readonly Day[];
};

export async function figures(now = Date.now()): Promise<Figures> {
  const today = startOfDay(now);
  const [snippets, snippetsBefore, people, peopleBefore, messages, messagesYesterday, days] = await Promise.all([
    count("snippets"),
    count("snippets", 0, today),
    count("users"),
    count("users", 0, today),
    count("messages", today),
    count("messages", today - DAY_MS, today),
    lastDays(today),
  ]);
  const views = (index: number): number => days.at(index)?.views ?? 0;
  return {
    snippets: { now: snippets, before: snippetsBefore },
    people: { now: people, before: peopleBefore },
    views: { now: views(-1), before: views(-2) },
    messages: { now: messages, before: messagesYesterday },
    days,
  };
}

/** The change in per cent; `undefined` where there was nothing to compare with. */
export function changeOf({ now, before }: Figure): number | undefined {
  return before === 0 ? undefined : Math.round(((now - before) / before) * 100);
}

async function count(
  table: "snippets" | "users" | "messages",
  from = 0,
  until = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  const { rows } = await db
    .selectFrom(table)
    .select((of) => of.fn.countAll<number>().as("rows"))
    .where("created_at", ">=", from)
    .where("created_at", "<", until)
    .executeTakeFirstOrThrow();
  return rows;
}

async function lastDays(today: number): Promise<Day[]> {
  const first = today - 6 * DAY_MS;
  const views = await db
    .selectFrom("snippet_views")
    .select((of) => ["day", of.fn.sum<number>("count").as("views")])
    .where("day", ">=", dayOf(first))
    .groupBy("day")
    .execute();
  const made = await db.selectFrom("snippets").select("created_at").where("created_at", ">=", first).execute();
  return Array.from({ length: 7 }, (_, index) => {
    const day = dayOf(first + index * DAY_MS);
    return {
      day,
      views: views.find((row) => row.day === day)?.views ?? 0,
      snippets: made.filter((row) => dayOf(row.created_at) === day).length,
    };
  });
}
