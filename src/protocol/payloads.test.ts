import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEvent, decodeJoin, decodeLivePatch } from "./payloads.ts";

describe("decodeJoin", () => {
  it("reads the first join of a page", () => {
    const payload: unknown = JSON.parse(
      '{"url":"http://host/a?x=1","params":{"_csrf_token":"C","_track_static":["http://host/app.js"],"_mounts":0,' +
        '"_mount_attempts":0,"theme":"dark"},"session":"S","static":"T","sticky":false}',
    );
    expect(decodeJoin(payload)).toEqual({
      ok: true,
      value: {
        url: "http://host/a?x=1",
        redirect: undefined,
        params: {
          _csrf_token: "C",
          _track_static: ["http://host/app.js"],
          _mounts: 0,
          _mount_attempts: 0,
          theme: "dark",
        },
        csrfToken: "C",
        mounts: 0,
        trackStatic: ["http://host/app.js"],
        session: "S",
        static: "T",
        flash: undefined,
        sticky: false,
      },
    });
  });

  it("reads a join by live navigation, with flash and without a static token", () => {
    const result = decodeJoin({
      redirect: "http://host/b",
      params: { _mounts: 3 },
      session: "S",
      static: null,
      flash: "F",
      sticky: true,
    });
    expect(result).toMatchObject({
      ok: true,
      value: {
        url: undefined,
        redirect: "http://host/b",
        csrfToken: undefined,
        mounts: 3,
        trackStatic: [],
        static: null,
        flash: "F",
        sticky: true,
      },
    });
  });

  it.each([
    [null, "the join's payload is not an object"],
    [[], "the join's payload is not an object"],
    [{ url: 1, session: "S" }, "the join's url is not a string of at most 8192 characters"],
    [{ url: "x".repeat(8193), session: "S" }, "the join's url is not a string of at most 8192 characters"],
    [{ redirect: {}, session: "S" }, "the join's redirect is not a string of at most 8192 characters"],
    [{ url: "/a", redirect: "/b", session: "S" }, "the join has both url and redirect"],
    [{ url: "", redirect: "", session: "S" }, "the join has both url and redirect"],
    [{ url: "/a" }, "the join's session is not a string of at most 8192 characters"],
    [{ session: "S".repeat(8193) }, "the join's session is not a string of at most 8192 characters"],
    [{ session: "S", static: 7 }, "the join's static is neither null nor a string of at most 8192 characters"],
    [{ session: "S", flash: {} }, "the join's flash is not a string of at most 8192 characters"],
    [{ session: "S", params: [] }, "the join's params are not an object"],
    [{ session: "S", params: { _mounts: -1 } }, "the join's _mounts is not a whole number of 0 or more"],
    [{ session: "S", params: { _mounts: "1" } }, "the join's _mounts is not a whole number of 0 or more"],
    [
      { session: "S", params: { list: Array.from({ length: 1000 }) } },
      "the join's params: the value has more than 1000 keys",
    ],
  ])("refuses %j", (payload, reason) => {
    expect(decodeJoin(payload)).toEqual({ ok: false, reason });
  });

  it("keeps only texts among the tracked URLs", () => {
    const result = decodeJoin({ session: "S", params: { _track_static: ["/a.js", 1, null, "x".repeat(9000)] } });
    expect(result).toMatchObject({ ok: true, value: { trackStatic: ["/a.js"] } });
  });

  it("lets no parameter reach a prototype", () => {
    const result = decodeJoin(JSON.parse('{"session":"S","params":{"__proto__":{"_csrf_token":"forged"}}}'));
    expect(result).toMatchObject({ ok: true, value: { csrfToken: undefined } });
  });
});

describe("decodeEvent", () => {
  it("reads a click", () => {
    expect(decodeEvent({ type: "click", event: "inc", value: { foo: "1", value: "v" }, cid: 1 })).toEqual({
      ok: true,
      value: { type: "click", event: "inc", value: { foo: "1", value: "v" }, cid: 1 },
    });
  });

  it("reads what phx-mounted pushes, whose type is null, for the view itself", () => {
    expect(decodeEvent({ type: null, event: "shown", value: {}, cid: null })).toEqual({
      ok: true,
      value: { type: null, event: "shown", value: {}, cid: undefined },
    });
  });

  it("passes whatever JSON a hook pushed", () => {
    expect(decodeEvent({ type: "hook", event: "at", value: [1, [2, "x"]] })).toMatchObject({
      ok: true,
      value: { value: [1, [2, "x"]] },
    });
    expect(decodeEvent({ type: "hook", event: "at" })).toMatchObject({ ok: true, value: { value: undefined } });
  });

  it("decodes a changed form, merges its meta over the fields, and turns _target into a path", () => {
    const result = decodeEvent({
      type: "form",
      event: "val",
      value: "user%5Bname%5D=bob&user%5B_unused_email%5D=&user%5Bemail%5D=&row=field",
      meta: { _target: "user[name]", row: 7 },
      uploads: {},
    });
    expect(result.ok && JSON.parse(JSON.stringify(result.value))).toEqual({
      type: "form",
      event: "val",
      value: { user: { name: "bob", _unused_email: "", email: "" }, row: 7, _target: ["user", "name"] },
    });
  });

  it("decodes a submitted form, which has no target", () => {
    const result = decodeEvent({ type: "form", event: "save", value: "text=hello" });
    expect(result.ok && JSON.parse(JSON.stringify(result.value))).toEqual({
      type: "form",
      event: "save",
      value: { text: "hello" },
    });
  });

  it("gives a form's fields without a prototype, also where meta asks for one", () => {
    const result = decodeEvent(
      JSON.parse('{"type":"form","event":"save","value":"b=2","meta":{"__proto__":{"admin":true},"c":3}}'),
    );
    expect(result.ok && Object.getPrototypeOf(result.value.value)).toBeNull();
    expect(JSON.stringify(result)).toBe('{"ok":true,"value":{"type":"form","event":"save","value":{"b":"2","c":3}}}');
  });

  it.each([
    ["text", "the event's payload is not an object"],
    [{ type: 1, event: "a" }, "the event's type is neither null nor a short string"],
    [{ type: "click" }, "the event's name is not a string of 1 to 255 characters"],
    [{ type: "click", event: "" }, "the event's name is not a string of 1 to 255 characters"],
    [{ type: "click", event: "a".repeat(256) }, "the event's name is not a string of 1 to 255 characters"],
    [{ type: "click", event: "a", cid: "1" }, "the event's cid is not a whole number of 0 or more"],
    [{ type: "click", event: "a", cid: 1.5 }, "the event's cid is not a whole number of 0 or more"],
    [{ type: "form", event: "a", value: { a: 1 } }, "the event's value: a form's value must be a string"],
    [{ type: "form", event: "a", value: "a=1", meta: [] }, "the event's value: meta is not an object"],
    [
      { type: "form", event: "a", value: "b=1&a[__proto__][x]=1" },
      "the event's value: a field's name could reach a prototype: __proto__, or constructor with fields in it",
    ],
    [{ type: "form", event: "a", value: "&".repeat(1000) }, "the event's value: the form has more than 1000 fields"],
    [
      { type: "form", event: "a", value: "", meta: { a: Array.from({ length: 1000 }) } },
      "the event's value: meta: the value has more than 1000 keys",
    ],
    [
      { type: "click", event: "a", value: Array.from({ length: 1001 }) },
      "the event's value: the value has more than 1000 keys",
    ],
  ])("refuses %j", (payload, reason) => {
    expect(decodeEvent(payload)).toEqual({ ok: false, reason });
  });
});

describe("decodeLivePatch", () => {
  it("reads the address", () => {
    expect(decodeLivePatch({ url: "http://host/a?x=1" })).toEqual({ ok: true, value: { url: "http://host/a?x=1" } });
  });

  it("refuses an address that is missing or longer than 8 KB", () => {
    const reason = "the patch's url is not a string of at most 8192 characters";
    expect(decodeLivePatch({})).toEqual({ ok: false, reason });
    expect(decodeLivePatch({ url: "x".repeat(8193) })).toEqual({ ok: false, reason });
    expect(decodeLivePatch(null)).toEqual({ ok: false, reason: "the patch's payload is not an object" });
  });
});

describe("every decoder", () => {
  it("throws for no JSON value at all", () => {
    const key = fc.constantFrom(
      "type",
      "event",
      "value",
      "meta",
      "cid",
      "url",
      "redirect",
      "params",
      "session",
      "static",
      "flash",
      "_mounts",
      "_track_static",
      "_target",
      "__proto__",
      "constructor",
    );
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.constant("form"), fc.string())),
    );
    fc.assert(
      fc.property(payload, (value) => {
        expect(decodeJoin(value)).toHaveProperty("ok");
        expect(decodeEvent(value)).toHaveProperty("ok");
        expect(decodeLivePatch(value)).toHaveProperty("ok");
      }),
    );
  });
});
