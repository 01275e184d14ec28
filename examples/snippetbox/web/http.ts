// What is no live page: the forms that set the cookie or take it away, downloads, and files.
import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { withCookies, type LiveApp } from "wingbeat";
import { createGuest, credentials, logIn, signUp, type User } from "../contexts/accounts.ts";
import { archiveOf } from "../contexts/exports.ts";
import { login } from "./session.ts";

/** @param app asked for when a request is there: the app is made with these routes */
export function createHttp(app: () => LiveApp): Hono {
  const http = new Hono();
  // A form that is refused, and what fails, has the app's error page.
  http.onError((error) => {
    throw error;
  });
  // Of attempts for one name, and of people from one address, a minute.
  const attempts = new RateLimiterMemory({ points: 10, duration: 60 });
  const newcomers = new RateLimiterMemory({ points: 30, duration: 60 });

  const goTo = (request: Request, path: string): Response =>
    withCookies(request, new Response(null, { status: 303, headers: { location: path } }));
  const refuse = (request: Request, path: string, why: string): Response => {
    app().putFlash(request, "error", why);
    return goTo(request, path);
  };
  const welcome = (request: Request, user: User): Response => {
    login.start(request, { userId: user.id });
    return goTo(request, "/snippets");
  };

  http.post("/sign-up", async ({ req: { raw: request } }) => {
    const entered = credentials.safeParse(Object.fromEntries(await app().readForm(request)));
    if (!entered.success)
      return refuse(request, "/sign-up", "Choose a name, and a password of eight characters or more.");
    if (!(await isWithin(newcomers, addressOf(request))))
      return refuse(request, "/sign-up", "Too many. Wait a minute.");
    const user = await signUp(entered.data);
    return user === undefined ? refuse(request, "/sign-up", "Somebody has this name already.") : welcome(request, user);
  });

  http.post("/log-in", async ({ req: { raw: request } }) => {
    const entered = credentials.safeParse(Object.fromEntries(await app().readForm(request)));
    const wrong = "Name and password do not belong together.";
    if (!entered.success) return refuse(request, "/log-in", wrong);
    if (!(await isWithin(attempts, entered.data.name.toLowerCase()))) {
      return refuse(request, "/log-in", "Too many attempts. Wait a minute.");
    }
    const user = await logIn(entered.data);
    return user === undefined ? refuse(request, "/log-in", wrong) : welcome(request, user);
  });

  http.post("/guest", async ({ req: { raw: request } }) => {
    await app().readForm(request);
    if (!(await isWithin(newcomers, addressOf(request)))) return refuse(request, "/log-in", "Too many. Wait a minute.");
    return welcome(request, await createGuest());
  });

  http.post("/log-out", async ({ req: { raw: request } }) => {
    await app().readForm(request);
    // All of this login's open pages, wherever they are.
    await app().disconnect(login.end(request));
    return goTo(request, "/");
  });

  http.get("/exports/:file{[0-9a-z]+\\.zip}", async ({ req }) => {
    const { userId } = login(req.raw);
    const id = req.param("file").slice(0, -".zip".length);
    const archive = userId === undefined ? undefined : await archiveOf(userId, id);
    if (archive === undefined) return undefined;
    return new Response(new Uint8Array(archive), {
      headers: {
        "content-type": "application/zip",
        "content-disposition": 'attachment; filename="snippets.zip"',
        "cache-control": "private, no-store",
      },
    });
  });

  const sheets = ["base", "controls", "shell", "pieces", "figures", "pages"];
  const style = sheets.map((name) => readFileSync(new URL(`styles/${name}.css`, import.meta.url), "utf8")).join("\n");
  http.get(
    "/snippetbox.css",
    () => new Response(style, { headers: { "content-type": "text/css; charset=utf-8", "cache-control": "no-cache" } }),
  );
  return http;
}

async function isWithin(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (rejected) {
    if (rejected instanceof Error) throw rejected;
    return false;
  }
}

function addressOf(request: Request): string {
  return "ip" in request && typeof request.ip === "string" ? request.ip : "";
}
