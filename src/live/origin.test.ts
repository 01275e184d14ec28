import { describe, expect, it } from "vitest";
import { html } from "../html/html.ts";
import { collect, SECRET } from "../../test/support/client.ts";
import type { AppOptions } from "./app-options.ts";
import { createLiveApp } from "./live-app.ts";
import { createLiveView } from "./live-view.ts";
import { refuseOrigin } from "./origin.ts";

const routes = { "/": createLiveView({ render: () => html`<p></p>` }) } as const;

describe("refuseOrigin, in development without origins", () => {
  const allows = (origin: string | null, allowMissing = false) =>
    refuseOrigin(origin, { origins: undefined, allowMissing }) === undefined;

  it.each([
    "http://localhost",
    "http://localhost:4000",
    "https://localhost:8443",
    "http://127.0.0.1:3000",
    "http://[::1]:4000",
    "http://LOCALHOST:4000",
  ])("allows %s", (origin) => {
    expect(allows(origin)).toBe(true);
  });

  it.each([
    "null",
    "",
    "http://localhost.evil.example",
    "http://evil.example:4000",
    "http://localhost@evil.example",
    "http://127.0.0.2",
    "http://127.0.0.1.evil.example",
    "http://[::2]",
    "https://app.example",
    "localhost",
    "file://",
    "chrome-extension://localhost",
  ])("refuses %j", (origin) => {
    expect(allows(origin)).toBe(false);
  });

  it("refuses a request without an origin, unless that is allowed", () => {
    expect(allows(null)).toBe(false);
    expect(allows(null, true)).toBe(true);
    expect(allows("null", true)).toBe(false);
  });
});

describe("refuseOrigin, with origins", () => {
  const rules = { origins: ["https://app.example", "https://[2001:db8::1]:8443"], allowMissing: false };

  it.each(["https://app.example", "https://[2001:db8::1]:8443"])("allows %s", (origin) => {
    expect(refuseOrigin(origin, rules)).toBeUndefined();
  });

  it.each([
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://evil.example",
    "https://APP.EXAMPLE",
    "http://localhost:4000",
    "https://[2001:db8::1]",
    "null",
  ])("refuses %s", (origin) => {
    expect(refuseOrigin(origin, rules)).toContain(`its origin is ${JSON.stringify(origin)}`);
  });

  it("names both values and the mend", () => {
    expect(refuseOrigin("https://www.app.example", rules)).toBe(
      'its origin is "https://www.app.example", and the app\'s option `origins` is ["https://app.example","https://[2001:db8::1]:8443"]. Add it there if that is your site.',
    );
    expect(refuseOrigin(null, rules)).toContain("allowMissingOrigin: true");
  });

  it("cuts what it repeats of a long one", () => {
    expect(refuseOrigin(`https://${"x".repeat(10_000)}`, rules)?.length).toBeLessThan(500);
  });
});

describe("the upgrade", () => {
  const upgrade = async (options: AppOptions, headers: Record<string, string>, path = "/live/websocket?vsn=2.0.0") => {
    const told = collect();
    const app = createLiveApp({ secret: SECRET, ...told.options, ...options, routes });
    const answer = await app.upgrade(new Request(`http://localhost:4000${path}`, { headers }));
    const status = answer instanceof Response ? answer.status : "admitted";
    return { status, log: told.log, errors: told.errors };
  };
  const local = { origin: "http://localhost:4000" };

  it("refuses a foreign origin with 403, and logs it with the mend", async () => {
    const { status, log } = await upgrade({}, { origin: "https://evil.example" });
    expect(status).toBe(403);
    expect(log).toEqual([expect.stringContaining('Set `origins: ["https://evil.example"]` if that is your site.')]);
  });

  it("believes no x-forwarded header about the origin", async () => {
    const headers = { origin: "https://evil.example", "x-forwarded-host": "evil.example", host: "evil.example" };
    expect((await upgrade({}, headers)).status).toBe(403);
  });

  it("admits no origin at all only if the app says so", async () => {
    expect((await upgrade({}, {})).status).toBe(403);
    expect((await upgrade({ allowMissingOrigin: true }, {})).status).toBe("admitted");
  });

  it("refuses another version of the serializer with 403, and another path with 404", async () => {
    expect((await upgrade({}, local, "/live/websocket?vsn=1.0.0")).status).toBe(403);
    expect((await upgrade({}, local, "/live/websocket")).status).toBe(403);
    expect((await upgrade({}, local, "/other/websocket?vsn=2.0.0")).status).toBe(404);
    expect((await upgrade({}, local)).status).toBe("admitted");
    expect((await upgrade({ socketPath: "/ws/live" }, local, "/ws/live/websocket?vsn=2.0.0")).status).toBe("admitted");
  });

  it("is decided at once when the app's session needs nothing to be awaited", () => {
    const app = createLiveApp({ secret: SECRET, ...collect().options, session: () => ({ userId: 7 }), routes });
    const request = new Request("http://localhost:4000/live/websocket?vsn=2.0.0", { headers: local });
    expect(app.upgrade(request)).toEqual({ open: expect.any(Function) });
  });

  it("answers 500, and reports, when the app's session throws", () => {
    const told = collect();
    const session = (): object => {
      throw new Error("no such cookie");
    };
    const app = createLiveApp({ secret: SECRET, ...told.options, session, routes });
    const answer = app.upgrade(new Request("http://localhost:4000/live/websocket?vsn=2.0.0", { headers: local }));
    expect(answer instanceof Response && answer.status).toBe(500);
    expect(told.errors.map(({ error }) => error)).toEqual([new Error("no such cookie")]);
  });

  it("answers 500, and reports, when the app's session fails", async () => {
    const told = collect();
    const app = createLiveApp({
      secret: SECRET,
      ...told.options,
      session: () => Promise.reject<object>(new Error("the database is down")),
      routes,
    });
    const answer = await app.upgrade(new Request("http://localhost:4000/live/websocket?vsn=2.0.0", { headers: local }));
    expect(answer instanceof Response && answer.status).toBe(500);
    expect(told.errors.map(({ error }) => error)).toEqual([new Error("the database is down")]);
  });
});

describe("in production, an app", () => {
  const production = (options: AppOptions) => () => createLiveApp({ development: false, routes, ...options });

  it("needs origins", () => {
    expect(production({ secret: SECRET })).toThrow("In production the app needs the option `origins`");
  });

  it("needs a secret", () => {
    expect(production({ origins: ["https://app.example"] })).toThrow('In production the app needs the option "secret"');
  });

  it.each([
    "https://app.example/",
    "app.example",
    "https://app.example/path",
    "https://APP.example",
    "https://app.example:443",
    "*",
    "null",
  ])("refuses %j among its origins", (origin) => {
    expect(production({ secret: SECRET, origins: [origin] })).toThrow(
      `\`origins\` holds ${JSON.stringify(origin)}, which is no origin`,
    );
  });

  it("does not allow localhost unless it says so", async () => {
    const told = collect();
    const app = createLiveApp({
      development: false,
      secret: SECRET,
      origins: ["https://app.example"],
      ...told.options,
      routes,
    });
    const answer = await app.upgrade(
      new Request("http://localhost:4000/live/websocket?vsn=2.0.0", { headers: { origin: "http://localhost:4000" } }),
    );
    expect(answer instanceof Response && answer.status).toBe(403);
  });
});
