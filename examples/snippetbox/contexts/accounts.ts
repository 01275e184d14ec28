// People: who they are, and how they prove it.
import { hash, verify } from "@node-rs/argon2";
import { z } from "zod";
import type { UserRow } from "../database/schema.ts";
import { newId } from "./ids.ts";
import { db } from "./store.ts";

export type User = { readonly id: string; readonly name: string; readonly isGuest: boolean };

/** What the form asks for. */
export const credentials = z.object({
  name: z
    .string()
    .trim()
    .min(2, "At least two characters.")
    .max(24, "At most 24 characters.")
    .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]*$/u, "Letters, digits, spaces and . _ - only."),
  password: z.string().min(8, "At least eight characters.").max(200, "At most 200 characters."),
});
export type Credentials = z.infer<typeof credentials>;

/** @returns `undefined` if somebody has that name */
export async function signUp({ name, password }: Credentials): Promise<User | undefined> {
  return add(name, await hash(password));
}

/** Takes as long for a name that nobody has. @returns `undefined` if the two do not belong together */
export async function logIn({ name, password }: Credentials): Promise<User | undefined> {
  const row = await db.selectFrom("users").selectAll().where("name_key", "=", keyOf(name)).executeTakeFirst();
  const isRight = await verify(row?.password_hash ?? (await nobodysHash), password);
  return isRight && row !== undefined && row.password_hash !== null ? toUser(row) : undefined;
}

const nobodysHash = hash(newId());

const COLOURS = ["Amber", "Azure", "Coral", "Crimson", "Indigo", "Jade", "Olive", "Scarlet", "Teal", "Violet"];
const BIRDS = ["Curlew", "Falcon", "Heron", "Kestrel", "Lark", "Magpie", "Osprey", "Puffin", "Swift", "Wren"];

/** Somebody who looks around, under a name that nobody has yet. */
export async function createGuest(): Promise<User> {
  for (let attempt = 0; ; attempt++) {
    const number = attempt === 0 ? "" : ` ${Math.floor(Math.random() * 10 ** Math.min(2 + attempt, 9))}`;
    const name = `${oneOf(COLOURS)} ${oneOf(BIRDS)}${number}`;
    const guest = await add(name, null);
    if (guest !== undefined) return guest;
  }
}

export async function findUser(id: string): Promise<User | undefined> {
  const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : toUser(row);
}

/** Of the names in `names`, those of people. */
export async function findUsersByName(names: readonly string[]): Promise<readonly User[]> {
  if (names.length === 0) return [];
  const rows = await db.selectFrom("users").selectAll().where("name_key", "in", names.map(keyOf)).execute();
  return rows.map(toUser);
}

/** @returns `undefined` if somebody has that name */
async function add(name: string, passwordHash: string | null): Promise<User | undefined> {
  const row: UserRow = {
    id: newId(),
    name,
    name_key: keyOf(name),
    password_hash: passwordHash,
    created_at: Date.now(),
  };
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("users")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n ? toUser(row) : undefined;
}

/** Names that differ in their case only are the same. */
export function keyOf(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

function toUser({ id, name, password_hash }: UserRow): User {
  return { id, name, isGuest: password_hash === null };
}

function oneOf(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? "";
}
