// Search in titles and contents. Each database has its own way: SQLite an index table of FTS5, PostgreSQL a column of
// type tsvector.
import { sql, type Migration, type RawBuilder } from "kysely";
import type { Kind } from "./open.ts";

/** The columns of a hit. `excerpt` has matches between MARK_START and MARK_END, and is no HTML. */
export type Hit = { id: string; title: string; language: string; excerpt: string };

/** Control characters: what somebody types never has them, so a mark is always ours. */
export const MARK_START = "\u0001";
export const MARK_END = "\u0002";

export function fullTextMigration(kind: Kind): Migration {
  return {
    up: async (db) => {
      const statements = kind === "sqlite" ? SQLITE : POSTGRES;
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}

/** Triggers keep the index in step with the table, whoever writes to it. */
const SQLITE = [
  "create virtual table snippet_texts using fts5(title, content, content='snippets', content_rowid='rowid', prefix='2 3')",
  `create trigger snippets_added after insert on snippets begin
     insert into snippet_texts(rowid, title, content) values (new.rowid, new.title, new.content);
   end`,
  `create trigger snippets_removed after delete on snippets begin
     insert into snippet_texts(snippet_texts, rowid, title, content) values ('delete', old.rowid, old.title, old.content);
   end`,
  `create trigger snippets_changed after update of title, content on snippets begin
     insert into snippet_texts(snippet_texts, rowid, title, content) values ('delete', old.rowid, old.title, old.content);
     insert into snippet_texts(rowid, title, content) values (new.rowid, new.title, new.content);
   end`,
];

const POSTGRES = [
  `alter table snippets add column words tsvector generated always as
     (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', content), 'B')) stored`,
  "create index snippets_words on snippets using gin(words)",
];

/** The query for what somebody typed: all words, the last of them as the beginning of one. `undefined`: it has no word. */
export function searchQuery(kind: Kind, typed: string, limit: number): RawBuilder<Hit> | undefined {
  const words = typed.toLowerCase().match(/[\p{L}\p{N}_]+/gu);
  if (words === null) return undefined;
  if (kind === "sqlite") {
    const query = words.map((word) => `"${word}"*`).join(" ");
    return sql<Hit>`
      select s.id, s.title, s.language, snippet(snippet_texts, -1, ${MARK_START}, ${MARK_END}, '…', 12) as excerpt
      from snippet_texts join snippets s on s.rowid = snippet_texts.rowid
      where snippet_texts match ${query} order by bm25(snippet_texts, 4, 1) limit ${limit}`;
  }
  const query = words.map((word) => `'${word}':*`).join(" & ");
  const options = `StartSel=${MARK_START}, StopSel=${MARK_END}, MaxWords=14, MinWords=6, MaxFragments=1`;
  return sql<Hit>`
    select id, title, language, ts_headline('simple', content, query, ${options}) as excerpt
    from snippets, to_tsquery('simple', ${query}) query
    where words @@ query order by ts_rank(words, query) desc, id desc limit ${limit}`;
}
