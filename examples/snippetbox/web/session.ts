// Who asks: a cookie says which account, and a hook finds it before any page behind it is made.
import { cookieSession, type Mounting } from "wingbeat";
import { z } from "zod";
import { findUser } from "../contexts/accounts.ts";
import { secret } from "./secret.ts";

export const login = cookieSession({
  name: "snippetbox",
  secret,
  schema: z.object({ userId: z.string().max(64) }),
});

export async function requireUser({ session, redirect, putFlash }: Mounting<{ userId?: string }>) {
  const currentUser = session.userId === undefined ? undefined : await findUser(session.userId);
  if (currentUser !== undefined) return { currentUser };
  putFlash("error", "Log in first, or look around as a guest.");
  return redirect("/log-in");
}
