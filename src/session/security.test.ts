import { describe, expect, it } from "vitest";
import { BackplanePubSub } from "../pubsub/backplane-pubsub.ts";
import { MemoryBackplane, MemoryWire } from "../../test/support/memory-backplane.ts";
import { ORIGIN, until } from "../../test/support/client.ts";
import { membersApp, TestBrowser, type MembersApp } from "../../test/support/members.ts";
import { cookieSession } from "./cookie-session.ts";
import { takeCookies } from "./request-notes.ts";

// Each of these ends in a clear refusal, a log line, and a server that goes on.

/** A new visitor is served as ever. */
async function expectLiving({ app, errors }: MembersApp): Promise<void> {
  const browser = new TestBrowser(app);
  await browser.logIn("grace");
  const client = await browser.visit();
  expect(await client.event("who")).toMatchObject({ diff: { r: { who: "grace" } } });
  expect(errors).toEqual([]);
}

describe("hostile visitors of an app with sessions", () => {
  it.each([
    ["missing", undefined, "it has no token"],
    ["empty", "", "it has no token"],
    ["wrong", "A".repeat(43), "its token is not the one of this browser"],
    ["endless", "A".repeat(20_000), "its token is not the one of this browser"],
  ])("CSRF %s", async (_what, token, why) => {
    const server = membersApp();
    const browser = new TestBrowser(server.app);
    await browser.token();
    const response = await browser.post("/login", { user: "ada", ...(token !== undefined && { _csrf_token: token }) });
    expect(response.status).toBe(403);
    expect(browser.cookies.get("wingbeat-session")).toBeUndefined();
    expect(server.log).toEqual([expect.stringContaining(`refused a form for /login with 403: ${why}`)]);
    await expectLiving(server);
  });

  it("CSRF of another browser", async () => {
    const server = membersApp();
    const [ada, eve] = [new TestBrowser(server.app), new TestBrowser(server.app)];
    await ada.logIn("ada");
    const response = await ada.post("/logout", { _csrf_token: await eve.token() });
    expect(response.status).toBe(403);
    expect((await ada.load()).html).toContain("<h1>ada</h1>");
    expect(server.log).toEqual([expect.stringContaining("its token is not the one of this browser")]);
    await expectLiving(server);
  });

  it("CSRF by a cookie that another host of the domain has planted, whose token it knows", async () => {
    const server = membersApp();
    const eve = new TestBrowser(server.app);
    const token = await eve.token();
    const planted = `wingbeat-visitor=${eve.cookies.get("wingbeat-visitor")}`;
    const url = ORIGIN.replace("http:", "https:");
    const response = await server.app.fetch(
      new Request(`${url}/login`, {
        method: "POST",
        headers: { cookie: planted, origin: url },
        body: new URLSearchParams({ user: "eve", _csrf_token: token }),
      }),
    );
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
    expect(server.log).toEqual([expect.stringContaining("it came without the app's cookie")]);
    const page = await server.app.fetch(new Request(`${url}/login`, { headers: { cookie: planted } }));
    expect(page.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-wingbeat-visitor=/)]);
    await expectLiving(server);
  });

  it("CSRF without the app's cookie, as a forged form of a browser that sends no cookies comes", async () => {
    const server = membersApp();
    const token = await new TestBrowser(server.app).token();
    const response = await new TestBrowser(server.app).post("/login", { user: "ada", _csrf_token: token });
    expect(response.status).toBe(403);
    expect(server.log).toEqual([expect.stringContaining("it came without the app's cookie")]);
    await expectLiving(server);
  });

  it.each([
    ["origin", { origin: "https://evil.example" }, 'its origin is "https://evil.example"'],
    ["sec-fetch-site", { "sec-fetch-site": "cross-site" }, "another site has sent it"],
    ["another host of the site, hidden", { origin: "null", "sec-fetch-site": "same-site" }, "another host of the site"],
    ["another host of the site, unnamed", { "sec-fetch-site": "same-site" }, "another host of the site"],
  ])("a form of another site, though with the right token (%s)", async (_what, headers, why) => {
    const server = membersApp();
    const browser = new TestBrowser(server.app);
    const response = await browser.post("/login", { user: "ada", _csrf_token: await browser.token() }, headers);
    expect(response.status).toBe(403);
    expect(server.log).toEqual([expect.stringContaining(why)]);
    await expectLiving(server);
  });

  it("cross-origin upgrade", async () => {
    const server = membersApp();
    const browser = new TestBrowser(server.app);
    await browser.logIn("ada");
    const headers = { origin: "https://evil.example", cookie: browser.cookies.header ?? "" };
    const decision = await server.app.upgrade(new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers }));
    expect(decision).toMatchObject({ status: 403 });
    expect(server.log).toEqual([expect.stringContaining('refused a socket: its origin is "https://evil.example"')]);
    await expectLiving(server);
  });

  it.each([
    ["forged", (good: string) => good.replace(/.{8}$/, "AAAAAAAA"), "it was not made with our secret, or was changed"],
    ["oversized", (good: string) => good + "A".repeat(5_000), "it has more than 4096 bytes"],
    ["of prototype keys", () => "__proto__", "it is malformed"],
    [
      "of another secret",
      () => cookieOf("another secret, just as long as the real one"),
      "it was not made with our secret",
    ],
  ])("session cookie that is %s", async (_what, spoil, why) => {
    const server = membersApp();
    const browser = new TestBrowser(server.app);
    await browser.logIn("ada");
    const joined = await browser.visit();
    browser.cookies.set("wingbeat-session", spoil(browser.cookies.get("wingbeat-session") ?? ""));
    const page = await browser.load();
    expect([page.status, page.headers.get("location")]).toEqual([302, "/login"]);
    expect(await (await browser.fetch("/plain")).text()).toBe("plain nobody");
    const socket = await browser.reconnect(joined.page);
    expect((await socket.join()).response).toEqual({ reason: "stale" });
    const refusals = server.log.filter((line) => line.includes('the session cookie "wingbeat-session" was not taken'));
    expect(refusals).toHaveLength(3);
    expect(refusals[0]).toContain(why);
    await expectLiving(server);
  });

  it("session cookie that has expired, kept by whom it was stolen", async () => {
    let nowMs = Date.now();
    const realNow = Date.now;
    Date.now = () => nowMs;
    try {
      const server = membersApp({ session: { maxAgeMs: 60_000 } });
      const browser = new TestBrowser(server.app);
      await browser.logIn("ada");
      const cookie = browser.cookies.get("wingbeat-session") ?? "";
      nowMs += 60_000;
      browser.cookies.set("wingbeat-session", cookie);
      expect((await browser.load()).status).toBe(302);
      expect(server.log).toEqual([expect.stringContaining("it has expired (maxAgeMs)")]);
      await expectLiving(server);
    } finally {
      Date.now = realNow;
    }
  });

  it("session fixation: what was planted before the login opens nothing after it", async () => {
    const server = membersApp();
    const [eve, ada] = [new TestBrowser(server.app), new TestBrowser(server.app)];
    await eve.logIn("eve");
    ada.cookies.takeSent(eve.cookies.header ?? "");
    const planted = await ada.load();
    await ada.logIn("ada");
    expect(ada.cookies.get("wingbeat-session")).not.toBe(eve.cookies.get("wingbeat-session"));
    expect((await eve.load()).html).toContain("<h1>eve</h1>");
    // Nor does a page of before the login join as who has logged in.
    const client = await ada.reconnect(planted);
    expect((await client.join()).response).toEqual({ reason: "stale" });
    expect(server.log).toEqual([expect.stringContaining("the session has changed since the page was loaded")]);
    await expectLiving(server);
  });

  it("another login of the same user: its pages are not those of the new one", async () => {
    const server = membersApp();
    const browser = new TestBrowser(server.app);
    await browser.logIn("ada");
    const before = await browser.load();
    await browser.logIn("ada");
    const client = await browser.reconnect(before);
    expect((await client.join()).response).toEqual({ reason: "stale" });
    expect(server.log).toHaveLength(1);
    await expectLiving(server);
  });

  it("another user's session token", async () => {
    const server = membersApp();
    const [ada, eve] = [new TestBrowser(server.app), new TestBrowser(server.app)];
    await ada.logIn("ada");
    await eve.logIn("eve");
    const [hers, own] = [await ada.load(), await eve.load()];
    const client = await eve.reconnect({ ...own, session: hers.session, static: hers.static });
    expect((await client.join()).response).toEqual({ reason: "stale" });
    expect(server.log).toEqual([expect.stringContaining("the session has changed since the page was loaded")]);
    await expectLiving(server);
  });

  it("disconnect on two nodes", async () => {
    const wire = new MemoryWire();
    const [here, there] = [0, 1].map(() =>
      membersApp({ pubSub: new BackplanePubSub(new MemoryBackplane(wire), { onError: () => {} }) }),
    );
    if (here === undefined || there === undefined) throw new Error("There are two.");
    const [laptop, phone] = [new TestBrowser(here.app), new TestBrowser(there.app)];
    await laptop.logIn("ada");
    phone.cookies.takeSent(laptop.cookies.header ?? "");
    const [one, other] = [await laptop.visit(), await phone.visit()];
    await laptop.logOut();
    await until(
      () => other.peer.closedWith !== undefined,
      () => "the other node to close its socket",
    );
    expect([one, other].map(({ peer }) => peer.closedWith?.code)).toEqual([1001, 1001]);
    // Both cookies are out of the world, also the one that no response has taken away.
    const again = await phone.reconnect(other.page);
    expect((await again.join()).response).toEqual({ reason: "stale" });
    expect((await phone.load()).headers.get("location")).toBe("/login");
    expect(there.log).toContainEqual(expect.stringMatching(/closed 1 socket of the session/));
    expect(there.log).toContainEqual(expect.stringContaining("app.disconnect has ended its session"));
    await expectLiving(here);
    await expectLiving(there);
  });
});

/** A session that is as good as ours, but for the secret. */
function cookieOf(secret: string): string {
  const request = new Request(ORIGIN);
  cookieSession<{ userId: string }>({ secret }).start(request, { userId: "root" });
  return /^wingbeat-session=([^;]*)/.exec(takeCookies(request)[0] ?? "")?.[1] ?? "";
}
