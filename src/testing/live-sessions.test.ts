import { afterEach, describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, link, liveFlash, liveSession } from "wingbeat";
import type { Flash, Mounting, Rendered } from "wingbeat";
import { closePages, visit } from "wingbeat/testing";

afterEach(closePages);

type User = { readonly name: string; readonly isAdmin: boolean };

function show(title: string, flash: Flash = {}): Rendered {
  return html`<h1>${title}</h1>${liveFlash({ flash, kind: "error" })}
    ${link({ navigate: "/rooms" }, "Rooms")} ${link({ navigate: "/settings" }, "Settings")}
    ${link({ navigate: "/admin" }, "Admin")} ${link({ navigate: "/login" }, "Login")}`;
}

/** An app with users, of whom some may be thrown out while it runs. */
function makeApp() {
  const banned = new Set<string>();
  const requireUser = ({ session, redirect, putFlash, attachHook }: Mounting<{ name?: string }>) => {
    if (session.name === undefined || banned.has(session.name)) {
      putFlash("error", "Log in first.");
      return redirect("/login");
    }
    attachHook("handleEvent", "ban", (event) => {
      if (event.type !== "ban") return;
      banned.add(String(event["who"]));
      return { halt: true };
    });
    return { user: { name: session.name, isAdmin: session.name === "ada" } };
  };
  const requireAdmin = ({ session, redirect }: Mounting<{ user: User }>) =>
    session.user.isAdmin ? undefined : redirect("/rooms");
  const page = (title: string) =>
    createLiveView<{ name: string }, { type: "ban"; who: string }, never, { user: User }>({
      mount: (socket, { user }) => socket.assign({ name: user.name }),
      render: ({ name }, meta) =>
        html`${show(`${title} of ${name}`, meta.flash)}<button phx-click="${meta.event("ban", { who: name })}">Ban</button>`,
    });
  const login = createLiveView<{}>({ render: (_context, meta) => show("Login", meta.flash) });
  return createLiveApp({
    secret: "only-for-tests-0123456789-0123456789",
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    session: (): { name?: string } => ({}),
    routes: { "/login": login },
    liveSessions: [
      liveSession("members", { onMount: [requireUser] }, { "/rooms": page("Rooms"), "/settings": page("Settings") }),
      liveSession("admins", { onMount: [requireUser, requireAdmin] }, { "/admin": page("Admin") }),
    ],
  });
}

describe("visit, of an app with live sessions", () => {
  it("is sent where a hook sends visitors who are not logged in, with its flash", async () => {
    const page = await visit(makeApp(), "/rooms");
    expect(page.url.pathname).toBe("/login");
    expect(page.redirect).toEqual({ kind: "redirect", to: "/login" });
    expect(page.flash).toEqual({ error: "Log in first." });
  });

  it("gets in with the session that it is given", async () => {
    const page = await visit(makeApp(), "/admin", { session: { name: "ada" } });
    expect(page.element("h1").text()).toBe("Admin of ada");
    expect((await visit(makeApp(), "/admin", { session: { name: "bob" } })).url.pathname).toBe("/rooms");
  });

  it("navigates live within a live session, and loads the page of another one", async () => {
    const page = await visit(makeApp(), "/rooms", { session: { name: "ada" } });
    const document = (): string | undefined => page.element("[data-phx-main]").attribute("data-phx-session");
    const first = document();
    await page.element("a", "Settings").click();
    expect(page.element("h1").text()).toBe("Settings of ada");
    expect(document()).toBe(first);
    await page.element("a", "Admin").click();
    expect(page.element("h1").text()).toBe("Admin of ada");
    const second = document();
    expect(second).not.toBe(first);
    expect(page.log.join()).toContain(
      'its page is of the live session "members", its address of the live session "admins"',
    );
    await page.element("a", "Login").click();
    expect(page.element("h1").text()).toBe("Login");
    expect(document()).not.toBe(second);
  });

  it("is sent away by a hook when it comes back after what it was let in for is over", async () => {
    const page = await visit(makeApp(), "/rooms", { session: { name: "eve" } });
    await page.element("button", "Ban").click();
    expect(page.element("h1").text()).toBe("Rooms of eve");
    await page.disconnect();
    await page.reconnect();
    expect(page.url.pathname).toBe("/login");
    expect(page.flash).toEqual({ error: "Log in first." });
  });
});
