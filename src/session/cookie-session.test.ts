import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import type { LiveError } from "../errors.ts";
import { cookieSession, type CookieSession } from "./cookie-session.ts";
import { noteEnded, sessionsOf, takeCookies, takeRefusals, withCookies } from "./request-notes.ts";

const OLD = "an old secret of the tests, long enough";
const SECRET = "a secret of the tests, long enough to seal";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

type Data = { userId: string; roles?: string[] | undefined };

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T12:00:00Z") }));
afterEach(() => void vi.useRealTimers());

const request = (cookie = "", url = "http://localhost/"): Request =>
  new Request(url, cookie === "" ? {} : { headers: { cookie } });
const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

/** The `set-cookie` header after `act`. */
function headerOf(act: (request: Request) => unknown, given = request()): string {
  act(given);
  const [header = "", ...others] = takeCookies(given);
  expect(others).toEqual([]);
  return header;
}
/** What the browser then sends. */
const sent = (header: string): string => header.slice(0, header.indexOf(";"));
const cookieFor = (login: CookieSession<Data>, data: Data): string =>
  sent(headerOf((given) => login.start(given, data)));

describe("cookieSession", () => {
  const login = cookieSession<Data>({ secret: SECRET });

  it("reads what it has started", () => {
    const cookie = cookieFor(login, { userId: "ada", roles: ["admin"] });
    expect(login(request(cookie))).toEqual({ userId: "ada", roles: ["admin"] });
    expect(login(request(`other=1; ${cookie}; another=2`))).toEqual({ userId: "ada", roles: ["admin"] });
  });

  it("is empty without a cookie, and gives the same object for the same request", () => {
    const none = request();
    expect(login(none)).toEqual({});
    expect(login(none)).toBe(login(none));
    expect(login.id(none)).toBeUndefined();
    const some = request(cookieFor(login, { userId: "ada" }));
    expect(login(some)).toBe(login(some));
  });

  it("says in the request at hand what it will be in the next", () => {
    const given = request();
    const id = login.start(given, { userId: "ada" });
    expect([login(given), login.id(given)]).toEqual([{ userId: "ada" }, id]);
    expect(login.end(given)).toBe(id);
    expect([login(given), login.id(given)]).toEqual([{}, undefined]);
  });

  it("sets a cookie that scripts cannot read and other sites' forms do not send", () => {
    expect(headerOf((given) => login.start(given, { userId: "ada" }))).toMatch(
      /^wingbeat-session=1[\w-]+; path=\/; max-age=1209600; samesite=lax; httponly$/,
    );
  });

  it("over HTTPS sets one of this host alone, and takes no other", () => {
    const secure = request("", "https://app.example/");
    const header = headerOf((given) => login.start(given, { userId: "ada" }), secure);
    expect(header).toMatch(/^__Host-wingbeat-session=1[\w-]+; path=\/; max-age=\d+; samesite=lax; httponly; secure$/);
    expect(login(request(sent(header), "https://app.example/"))).toEqual({ userId: "ada" });
    // A neighbour of the domain can set the plain name, with a session that is genuine.
    expect(login(request(cookieFor(login, { userId: "mallory" }), "https://app.example/"))).toEqual({});
  });

  it("behind a proxy that speaks HTTP does so if told", () => {
    const behind = cookieSession<Data>({ secret: SECRET, secure: true, sameSite: "strict" });
    const header = headerOf((given) => behind.start(given, { userId: "ada" }));
    expect(header).toContain("__Host-wingbeat-session=");
    expect(header).toContain("; samesite=strict; httponly; secure");
  });

  it("is forgotten with the browser if it is not to be remembered", () => {
    const header = headerOf((given) => login.start(given, { userId: "ada" }, { remember: false }));
    expect(header).not.toContain("max-age");
    const updated = headerOf((given) => login.update(given, { userId: "ada", roles: [] }), request(sent(header)));
    expect(updated).not.toContain("max-age");
  });

  it("begins each time with another id, whatever the browser had", () => {
    const planted = request(cookieFor(login, { userId: "mallory" }));
    const before = login.id(planted);
    const id = login.start(planted, { userId: "ada" });
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(id).not.toBe(before);
  });

  it("keeps its id and its end when it is updated, and knows when there is nothing to update", () => {
    const first = request(cookieFor(login, { userId: "ada" }));
    const id = login.id(first);
    later(DAY);
    const header = headerOf((given) => login.update(given, { userId: "ada", roles: ["admin"] }), first);
    expect(header).toContain(`; max-age=${13 * 24 * 60 * 60};`);
    const next = request(sent(header));
    expect([login(next), login.id(next)]).toEqual([{ userId: "ada", roles: ["admin"] }, id]);
    const none = request();
    expect(login.update(none, { userId: "ada" })).toBe(false);
    expect(takeCookies(none)).toEqual([]);
  });

  it("has the browser forget it at its end, and says whose end it was", () => {
    const given = request(cookieFor(login, { userId: "ada" }));
    const id = login.id(given);
    expect(login.end(given)).toBe(id);
    expect(takeCookies(given)).toEqual(["wingbeat-session=; path=/; max-age=0; samesite=lax; httponly"]);
  });

  it("is over after its time, used or not", () => {
    const short = cookieSession<Data>({ secret: SECRET, maxAgeMs: 60 * MINUTE });
    const cookie = cookieFor(short, { userId: "ada" });
    later(60 * MINUTE - 1);
    expect(short(request(cookie))).toEqual({ userId: "ada" });
    later(1);
    const over = request(cookie);
    expect(short(over)).toEqual({});
    expect(takeRefusals(over)).toEqual([
      'the session cookie "wingbeat-session" was not taken: it has expired (maxAgeMs)',
    ]);
  });

  it("can last for as long as one login says", () => {
    const header = headerOf((given) => login.start(given, { userId: "ada" }, { maxAgeMs: 90 * DAY }));
    later(89 * DAY);
    expect(login(request(sent(header)))).toEqual({ userId: "ada" });
  });

  it("with idleMs is over when it was not used for so long, and lasts while it is renewed", () => {
    const idle = cookieSession<Data>({ secret: SECRET, idleMs: 30 * MINUTE });
    let cookie = cookieFor(idle, { userId: "ada" });
    for (let times = 0; times < 3; times++) {
      later(20 * MINUTE);
      cookie = sent(headerOf((given) => idle.renew(given), request(cookie)));
    }
    expect(idle(request(cookie))).toEqual({ userId: "ada" });
    later(30 * MINUTE);
    expect(idle(request(cookie))).toEqual({});
  });

  it("is not renewed beyond its end", () => {
    const both = cookieSession<Data>({ secret: SECRET, idleMs: 30 * MINUTE, maxAgeMs: 40 * MINUTE });
    const first = cookieFor(both, { userId: "ada" });
    later(20 * MINUTE);
    const header = headerOf((given) => both.renew(given), request(first));
    expect(header).toContain("max-age=1200;");
    later(20 * MINUTE);
    expect(both(request(sent(header)))).toEqual({});
  });

  it("notes for the app who is here, until when, and renews when a tenth of idleMs is over", () => {
    const idle = cookieSession<Data>({ secret: SECRET, idleMs: 30 * MINUTE });
    const cookie = cookieFor(idle, { userId: "ada" });
    const noted = (): { readonly until: number; readonly cookies: number } => {
      const given = request(cookie);
      idle(given);
      const [note] = sessionsOf(given);
      expect(note?.id).toBe(idle.id(given));
      note?.renew();
      return { until: (note?.expiresAtMs ?? 0) - Date.now(), cookies: takeCookies(given).length };
    };
    expect(noted()).toEqual({ until: 30 * MINUTE, cookies: 0 });
    later(3 * MINUTE - 1);
    expect(noted()).toEqual({ until: 27 * MINUTE + 1, cookies: 0 });
    later(1);
    expect(noted()).toEqual({ until: 27 * MINUTE, cookies: 1 });
  });

  it("reads what an older secret has written, and renews it with the new one", () => {
    const cookie = cookieFor(cookieSession<Data>({ secret: OLD }), { userId: "ada" });
    const rotated = cookieSession<Data>({ secret: [SECRET, OLD] });
    const given = request(cookie);
    expect(rotated(given)).toEqual({ userId: "ada" });
    const [note] = sessionsOf(given);
    const renewed = sent(headerOf(() => note?.renew(), given));
    expect(login(request(renewed))).toEqual({ userId: "ada" });
    expect(login(request(cookie))).toEqual({});
  });

  it("is nobody's once the app knows that it has ended", () => {
    const given = request(cookieFor(login, { userId: "ada" }));
    noteEnded(given, login.id(given) ?? "");
    expect([login(given), login.id(given)]).toEqual([{}, undefined]);
  });

  it.each([
    ["forged", `1${"A".repeat(120)}`, "it was not made with our secret, or was changed"],
    ["cut", "1AAAA", "it is malformed"],
    ["no base64", "1%00%ff{}", "it is malformed"],
    ["empty", "", "it is malformed"],
    ["oversized", `1${"A".repeat(5_000)}`, "it has more than 4096 bytes"],
    ["of a later version", `2${"A".repeat(120)}`, "it is malformed"],
  ])("does not take a cookie that is %s, and says why", (_what, value, reason) => {
    const given = request(`wingbeat-session=${value}`);
    expect(login(given)).toEqual({});
    expect(takeRefusals(given)).toEqual([`the session cookie "wingbeat-session" was not taken: ${reason}`]);
  });

  it("does not take a cookie of another session", () => {
    const cart = cookieSession<Data>({ secret: SECRET, name: "cart" });
    const moved = cookieFor(cart, { userId: "ada" }).replace("cart=", "wingbeat-session=");
    expect(login(request(moved))).toEqual({});
  });

  it("does not take a cookie from the future", () => {
    later(2 * MINUTE);
    const cookie = cookieFor(login, { userId: "ada" });
    later(-2 * MINUTE);
    expect(login(request(cookie))).toEqual({});
  });

  it("refuses data that would come back as something else", () => {
    const dates = cookieSession<{ at: unknown }>({ secret: SECRET });
    expect(() => dates.start(request(), { at: new Date() })).toThrow("The data of the session is no JSON at data.at");
    expect(() => dates.start(request(), { at: { deep: [Number.NaN] } })).toThrow("data.at.deep[0]");
    expect(headerOf((given) => dates.start(given, { at: undefined }))).toContain("wingbeat-session=");
  });

  it("refuses more than a browser would keep, with the mend", () => {
    const given = request();
    expect(() => login.start(given, { userId: "x".repeat(3_000) })).toThrow(
      /The cookie "wingbeat-session" would take 41\d\d bytes, and browsers keep none above 4096/,
    );
    expect(takeCookies(given)).toEqual([]);
    expect(login(given)).toEqual({});
  });

  it("with a schema takes only what fits it, when it is written and when it is read", () => {
    const checked = cookieSession({ secret: SECRET, schema: z.object({ userId: z.string(), level: z.number() }) });
    const old = request(cookieFor(login, { userId: "ada" }));
    expect(checked(old)).toEqual({});
    expect(takeRefusals(old)[0]).toContain("what it holds does not fit the schema: Invalid input: expected number");
    const loose: { userId: string; level: number } = JSON.parse('{"userId":"ada","level":"high"}');
    expect(() => checked.start(request(), loose)).toThrow("does not fit its schema");
    const given = request();
    checked.start(given, { userId: "ada", level: 3 });
    expect(checked(request(sent(takeCookies(given)[0] ?? ""))).level).toBe(3);
  });

  it("refuses an asynchronous schema", () => {
    const later = cookieSession({
      secret: SECRET,
      schema: z.object({ a: z.string() }).refine(() => Promise.resolve(true)),
    });
    expect(() => later.start(request(), { a: "" })).toThrow(/asynchronous|does not fit/);
  });

  it.each([
    [{ name: "a b" }, "The `name` of a cookie session"],
    [{ maxAgeMs: 0 }, "`maxAgeMs` of a cookie session is 0"],
    [{ idleMs: Number.NaN }, "`idleMs` of a cookie session is NaN"],
    [{ secret: "short" }, "at least 32 are needed"],
  ])("refuses the options %j", (options, text) => {
    expect(() => cookieSession<Data>({ secret: SECRET, ...options })).toThrow(text);
  });

  it("needs a secret in production", () => {
    vi.stubEnv("NODE_ENV", "production");
    expect(() => cookieSession<Data>()).toThrow("cookieSession({ secret: process.env.WINGBEAT_SECRET })");
    vi.unstubAllEnvs();
  });

  it("gives errors with stable codes", () => {
    const codeOf = (act: () => unknown): string | undefined => {
      try {
        act();
        return undefined;
      } catch (error) {
        return (error as LiveError).code;
      }
    };
    expect(codeOf(() => login.start(request(), { userId: "x".repeat(9_000) }))).toBe("session.too-large");
    expect(codeOf(() => cookieSession({ secret: SECRET, maxAgeMs: -1 }))).toBe("session.invalid-option");
  });

  it("says which options there are to who misspells one, or would end the session by it", () => {
    // As from JavaScript.
    const misspelt: object = { secret: SECRET, maxAge: 60_000 };
    expect(() => cookieSession(misspelt)).toThrow(
      "A cookie session got `maxAge`, which is none of its options: secret, name, maxAgeMs, idleMs, sameSite, secure, schema.",
    );
    const login = cookieSession<Data>({ secret: SECRET });
    const options: object = { maxAge: 60_000 };
    expect(() => login.start(request(), { userId: "ada" }, options)).toThrow(
      "`start` of a cookie session got `maxAge`, which is none of its options: remember, maxAgeMs.",
    );
    const sameSite: object = { secret: SECRET, sameSite: "none" };
    expect(() => cookieSession(sameSite)).toThrow(
      '`sameSite` of a cookie session is "none"; it takes "lax" or "strict".',
    );
  });
});

describe("withCookies", () => {
  const login = cookieSession<Data>({ secret: SECRET });

  it("puts them into the response, once, and keeps it out of caches", () => {
    const given = request();
    login.start(given, { userId: "ada" });
    const response = withCookies(given, new Response("hello", { headers: { "set-cookie": "own=1" } }));
    expect(response.headers.getSetCookie()).toHaveLength(2);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    const second = new Response("again");
    expect(withCookies(given, second)).toBe(second);
    expect(second.headers.getSetCookie()).toEqual([]);
  });

  it("copies a response whose headers are closed", async () => {
    const given = request();
    login.start(given, { userId: "ada" });
    const response = withCookies(given, Response.redirect("http://localhost/members", 303));
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("http://localhost/members");
    expect(response.headers.getSetCookie()).toHaveLength(1);
  });
});
