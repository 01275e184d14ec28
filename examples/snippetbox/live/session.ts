import type { User } from "../contexts/accounts.ts";

/** What pages behind `requireUser` know of who asks. */
export type Session = { readonly currentUser: User };
