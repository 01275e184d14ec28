import { randomBytes } from "node:crypto";

let last = 0;

/** Unique, hard to guess, and sorted by the moment it was made: of one process exactly, of several as their clocks agree. */
export function newId(now = Date.now()): string {
  last = Math.max(last + 1, now * 1000);
  return `${last.toString(36).padStart(11, "0")}${randomBytes(8).toString("hex")}`;
}

/** Whether it looks like one: an address may have anything in its place. */
export function isId(value: string): boolean {
  return /^[0-9a-z]{11}[0-9a-f]{16}$/.test(value);
}
