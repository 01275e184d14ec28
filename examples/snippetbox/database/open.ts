// Which database: a file of SQLite by default, PostgreSQL if DATABASE_URL says so. All queries go through Kysely, which
// speaks to both; what the two do differently is in full-text.ts.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { Kysely, PostgresDialect, SqliteDialect } from "kysely";
import type { Database } from "./schema.ts";

export type Kind = "sqlite" | "postgres";

export type OpenDatabase = {
  readonly kind: Kind;
  readonly db: Kysely<Database>;
  /** Of SQLite. */
  readonly file: string | undefined;
  /** Runs `work` while no other process runs its own. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
};

/**
 * @param url `postgres://…`, or a file's path
 * @throws {Error} if it is neither
 */
export async function openDatabase(url: string): Promise<OpenDatabase> {
  if (/^postgres(ql)?:/.test(url)) return openPostgres(url);
  if (!/^[a-z]+:\/\//.test(url)) return openSqlite(url);
  throw new Error(`DATABASE_URL is ${url.split(":")[0]}://…; give postgres://… or the path of a file for SQLite.`);
}

async function openPostgres(url: string): Promise<OpenDatabase> {
  const { default: pg } = await import("pg");
  // Times, counts and sums, which all fit into a number: the types `bigint` and `numeric`.
  for (const type of [20, 1700]) pg.types.setTypeParser(type, Number);
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 10_000 });
  // A connection that breaks while nobody uses it. The next query gets another one.
  pool.on("error", (error) => console.error(`[snippetbox] database: ${error.message}`));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    const connection = await pool.connect();
    try {
      await connection.query("select pg_advisory_lock(hashtext('snippetbox'))");
      return await work();
    } finally {
      // The lock ends with its connection, however that ends.
      connection.release(true);
    }
  };
  return { kind: "postgres", db, file: undefined, alone };
}

async function openSqlite(file: string): Promise<OpenDatabase> {
  const { default: Sqlite } = await import("libsql");
  mkdirSync(path.dirname(file), { recursive: true });
  const database = new Sqlite(file);
  // Several processes share the file: readers go on while one writes, and writers wait for each other.
  for (const pragma of ["busy_timeout = 30000", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"]) {
    database.pragma(pragma);
  }
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    // A transaction in a file of its own is a lock that ends with its process, however that ends.
    const lock = new Sqlite(`${file}.lock`);
    lock.pragma("busy_timeout = 30000");
    lock.exec("begin exclusive");
    try {
      return await work();
    } finally {
      lock.exec("rollback");
      lock.close();
    }
  };
  return { kind: "sqlite", db: new Kysely<Database>({ dialect: new SqliteDialect({ database }) }), file, alone };
}
