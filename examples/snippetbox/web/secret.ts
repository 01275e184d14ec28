// What cookies and tokens are signed with. One for all servers comes from WINGBEAT_SECRET; without it, a server with a
// database file keeps its own beside it, so that pages that are open outlive a restart.
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { database } from "../contexts/store.ts";

export const secret = process.env["WINGBEAT_SECRET"] ?? (await database.alone(async () => ownSecret()));

function ownSecret(): string {
  if (database.file === undefined) {
    throw new Error(
      "With DATABASE_URL, give WINGBEAT_SECRET too: `openssl rand -base64 48`, the same for all servers.",
    );
  }
  const place = `${database.file}.secret`;
  try {
    return readFileSync(place, "utf8");
  } catch {
    const made = randomBytes(48).toString("base64url");
    writeFileSync(place, made, { mode: 0o600 });
    return made;
  }
}
