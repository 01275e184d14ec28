// Cookie sessions and handlers without a view: what their types accept; a line with ✗ must be refused with the text after it.
import { cookieSession, createLiveApp, createLiveView, FormRefused, html, withCookies } from "wingbeat";
import type { CookieSession, LiveApp, SessionInfo } from "wingbeat";
import { visit } from "wingbeat/testing";
import * as z from "zod";

type Member = { userId: string; roles?: string[] };
const login = cookieSession<Member>({ maxAgeMs: 1, idleMs: undefined, sameSite: "strict", name: "login" });
const request = new Request("http://localhost");

// ── what it holds ──
export const userId: string | undefined = login(request).userId;
export const sure: string = login(request).userId; // ✗ 'string | undefined' is not assignable to type 'string'
login(request).userId = "ada"; // ✗ Cannot assign to 'userId' because it is a read-only property
login(request).name; // ✗ Property 'name' does not exist
export const id: string = login.start(request, { userId: "ada" }, { remember: false, maxAgeMs: undefined });
login.start(request, { userId: 1 }); // ✗ Type 'number' is not assignable to type 'string'
login.start(request, {}); // ✗ Property 'userId' is missing
login.start(request, { userId: "ada", nmae: "" }); // ✗ 'nmae' does not exist
cookieSession<Member>({ maxAge: 1 }); // ✗ Did you mean to write 'maxAgeMs'?
cookieSession<Member>({ sameSite: "none" }); // ✗ Type '"none"' is not assignable

// ── by a schema ──
const checked = cookieSession({ schema: z.object({ userId: z.string(), level: z.number() }) });
export const level: number | undefined = checked(request).level;
checked.start(request, { userId: "ada", level: "1" }); // ✗ Type 'string' is not assignable to type 'number'
cookieSession<Member>({ schema: z.object({ userId: z.number() }) }); // ✗ is not assignable to type

// ── as an app's session ──
const needsMember = createLiveView({
  initial: { name: "" },
  mount: (socket, session: { userId?: string | undefined }) => socket.assign({ name: session.userId ?? "" }),
  render: ({ name }) => html`${name}`,
});
const needsName = createLiveView({
  initial: { name: "" },
  mount: (socket, session: { name: string }) => socket.assign({ name: session.name }),
  render: ({ name }) => html`${name}`,
});
createLiveApp({ session: login, routes: { "/": needsMember } });
createLiveApp({ session: login, routes: { "/": needsName } }); // ✗ Property 'name' is missing in type 'Readonly<Partial<Member>>' but required
createLiveApp({ session: async (asked) => ({ name: login(asked).userId ?? "" }), routes: { "/": needsName } });
createLiveApp({ routes: { "/": needsMember }, session: () => ({}), sessionInfo: () => ({ expiresAt: new Date() }) });
createLiveApp({ session: login, sessionInfo: (session) => ({ ids: [`user:${session.userId ?? ""}`] }) });
createLiveApp({ session: login, sessionInfo: (session) => ({ ids: [session.nmae] }) }); // ✗ Property 'nmae' does not exist
createLiveApp({ session: login, sessionInfo: (session) => ({ ids: session.userId }) }); // ✗ is not assignable to type
export const info: SessionInfo = { ids: undefined, expiresAt: 0 };

// ── handlers ──
const app: LiveApp = createLiveApp({
  session: login,
  fetch: async (asked) => {
    const form: FormData = await app.readForm(asked, { maxBytes: 1_000_000 });
    const token: string = app.csrfToken(asked);
    app.verifyCsrf(asked);
    app.putFlash(asked, "info", token);
    const shown: string | undefined = app.takeFlash(asked)["info"];
    await app.disconnect(login.end(asked));
    if (form.has("name")) throw new FormRefused(403, "no");
    if (form.has("other")) throw new FormRefused(404, "no"); // ✗ '404' is not assignable
    return withCookies(asked, new Response(shown));
  },
});
app.putFlash(request, "info"); // ✗ Expected 3 arguments, but got 2
await app.disconnect(5); // ✗ 'number' is not assignable to … 'string'

// ── tests ──
export const page = await visit(app, "/", {
  login: (asked) => login.start(asked, { userId: "ada" }),
  view: needsMember,
  session: { userId: "ada" },
});
export const tab = await visit(app, "/", { browser: page });
await visit(app, "/", { browser: "chromium" }); // ✗ 'string' is not assignable
export function logOut<Data extends object>(session: CookieSession<Data>): string | undefined {
  return session.end(request);
}
