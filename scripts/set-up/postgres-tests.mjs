import { postgresBin } from "./postgres.mjs";

/** Runs before the vitest project that starts a PostgreSQL: test/support/postgres.ts finds its programs in POSTGRES_BIN. */
export default async function setUp() {
  process.env["POSTGRES_BIN"] = await postgresBin();
}
