/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import { cookieSession, createLiveView, html } from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario } from "./both.ts";

// Who is logged in, over several pages and tabs: cookies that handlers set, and sockets that are closed for it.

const tools = useBrowser();

type Member = { userId: string };
type Tried = { userId: string; password: string };

const login = cookieSession<Member>({ secret: "only-for-tests-0123456789-0123456789" });

const members = createLiveView<{ userId: string; clicks: number }, { type: "click" }, never, Partial<Member>>({
  mount: (socket, { userId }) => {
    if (userId === undefined) socket.redirect("/login");
    else socket.assign({ userId, clicks: 0 });
  },
  handleEvent: (_click, socket) => socket.assign({ clicks: socket.context.clicks + 1 }),
  render: ({ userId, clicks }) => html`
    <h1>Hello, ${userId}</h1><button id="clicks" phx-click="click">${clicks}</button>
    <form method="post" action="/logout"><button id="logout">Log out</button></form>`,
});

const loginView = createLiveView<Tried & { isRight: boolean; error: string }, { type: "try" } & Tried>({
  initial: { userId: "", password: "", isRight: false, error: "" },
  handleEvent: ({ userId, password }, socket) => {
    const isRight = password === "secret";
    socket.assign({ userId, password, isRight, error: isRight ? "" : "Wrong password" });
  },
  render: ({ userId, password, isRight, error }) => html`
    <form method="post" action="/login" enctype="multipart/form-data" phx-submit="try" phx-trigger-action=${isRight}>
      <input id="user" name="userId" value="${userId}">
      <input id="password" name="password" type="password" value="${password}"><p>${error}</p>
      <button id="go">Log in</button> <a id="home" href="/">Home</a>
    </form>`,
});

function scenario(): Scenario {
  const sides: Parameters<Scenario["routes"]>[0][] = [];
  return {
    tabs: true,
    session: login,
    routes: (side) => {
      sides.push(side);
      return { "/": members, "/login": loginView };
    },
    options: {
      fetch: async (request) => {
        const { pathname, origin } = new URL(request.url);
        if (request.method !== "POST") return undefined;
        const form = await request.formData();
        if (pathname === "/login") login.start(request, { userId: form.get("userId") === "ada" ? "ada" : "grace" });
        else {
          const id = login.end(request);
          // Of the two apps only that of this browser knows the session.
          for (const { app } of sides) await app.disconnect(id);
        }
        return Response.redirect(new URL(pathname === "/login" ? "/" : "/login", origin), 303);
      },
    },
  };
}

describe("sessions", () => {
  it("begin by a form that is posted, and end in all tabs by another", async () => {
    const [first, second] = await openBoth(tools, scenario(), "/", "/login");
    if (first === undefined || second === undefined) throw new Error("There are two.");
    await first.fill("#user", "ada");
    await first.fill("#password", "guess");
    await first.click("#go");
    await first.fill("#password", "secret");
    await first.click("#go");
    first.reads("h1", "Hello, ada");
    await second.click("#home");
    second.reads("h1", "Hello, ada");
    await second.click("#clicks");
    await first.click("#logout");
    for (const page of [first, second]) page.reads("#go", "Log in");
    await second.fill("#user", "grace");
    await second.fill("#password", "secret");
    await second.click("#go");
    second.reads("h1", "Hello, grace");
  });
});
