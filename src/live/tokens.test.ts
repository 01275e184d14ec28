import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codePoint } from "../../test/support/code-points.ts";
import { csrfToken, type TokenPurpose, TokenSigner, verifyCsrf } from "./tokens.ts";

const OLD = "the old secret, 32 bytes or more.";
const NEW = "the new secret, 32 bytes or more.";
const HOUR = 3_600_000;
const at = (ms: number, ...secrets: string[]) => new TokenSigner(secrets.length === 0 ? [NEW] : secrets, () => ms);

describe("TokenSigner", () => {
  it("gives back what was signed", () => {
    const token = at(1_000_000).sign("session", { id: "phx-main", path: "/é" });
    expect(at(1_000_000).verify("session", token, HOUR)).toEqual({ ok: true, value: { id: "phx-main", path: "/é" } });
  });

  it("writes only what URLs, cookies and attributes take as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const token = at(1_700_000_000_000).sign("flash", data);
        expect(token).toMatch(/^[A-Za-z0-9_-]+\.[0-9a-z]+\.[A-Za-z0-9_-]{43}$/);
        expect(at(1_700_000_000_000).verify("flash", token, HOUR)).toEqual({
          ok: true,
          value: JSON.parse(JSON.stringify(data)),
        });
      }),
    );
  });

  it("refuses a token for another purpose", () => {
    const token = at(0).sign("session", 1);
    expect(at(0).verify("static", token, HOUR)).toEqual({
      ok: false,
      reason: "the token was not signed with our secret",
    });
  });

  it("refuses a token above its age, and accepts one just below", () => {
    const token = at(0).sign("flash", 1);
    expect(at(60_000).verify("flash", token, 60_000).ok).toBe(true);
    expect(at(60_001).verify("flash", token, 60_000)).toEqual({ ok: false, reason: "the token is too old" });
  });

  it("accepts a token from a clock 60 s ahead, and no further", () => {
    const token = at(100_000).sign("session", 1);
    expect(at(40_000).verify("session", token, HOUR).ok).toBe(true);
    expect(at(39_999).verify("session", token, HOUR)).toEqual({ ok: false, reason: "the token is from the future" });
  });

  it("signs with the first secret and verifies with all of them", () => {
    const before = at(0, OLD).sign("session", 1);
    const rotating = at(0, NEW, OLD);
    expect(rotating.verify("session", before, HOUR).ok).toBe(true);
    expect(at(0, NEW).verify("session", rotating.sign("session", 1), HOUR).ok).toBe(true);
    expect(at(0, NEW).verify("session", before, HOUR).ok).toBe(false);
  });

  it("refuses a token of which any one character was changed", () => {
    const token = at(0).sign("session", { id: "a" });
    for (let index = 0; index < token.length; index++) {
      const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
      expect(at(0).verify("session", changed, HOUR).ok).toBe(false);
    }
  });

  it("refuses a token that was cut, or has something added", () => {
    const token = at(0).sign("session", { id: "a" });
    for (let length = 0; length < token.length; length++) {
      expect(at(0).verify("session", token.slice(0, length), HOUR).ok).toBe(false);
    }
    expect(at(0).verify("session", token + "A", HOUR).ok).toBe(false);
    expect(at(0).verify("session", token + "=", HOUR).ok).toBe(false);
    expect(at(0).verify("session", "." + token, HOUR).ok).toBe(false);
  });

  it("refuses an oversized token without reading it", () => {
    expect(at(0).verify("session", "a".repeat(10_000_000), HOUR)).toEqual({
      ok: false,
      reason: "the token is too long",
    });
  });

  it("throws for no text at all", () => {
    const purpose = fc.constantFrom<TokenPurpose>("session", "static", "flash", "csrf", "reload");
    const piece = fc.constantFrom(".", "..", "A", "_", "=", "é", "\ud800", "NaN", "0");
    const text = fc.oneof(
      fc.string({ unit: codePoint }),
      fc.array(piece).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(purpose, text, (which, garbage) => {
        expect(at(0).verify(which, garbage, HOUR).ok).toBe(false);
        expect(verifyCsrf(at(0), "cookie", garbage)).toBe(false);
      }),
    );
  });
});

describe("csrfToken", () => {
  it("is the same for the same cookie, and another for another", () => {
    expect(csrfToken(at(0), "abc")).toBe(csrfToken(at(HOUR), "abc"));
    expect(csrfToken(at(0), "abc")).not.toBe(csrfToken(at(0), "abd"));
    expect(verifyCsrf(at(0), "abc", csrfToken(at(0), "abc"))).toBe(true);
    expect(verifyCsrf(at(0), "abd", csrfToken(at(0), "abc"))).toBe(false);
  });

  it("stays good while secrets rotate", () => {
    const token = csrfToken(at(0, OLD), "abc");
    expect(verifyCsrf(at(0, NEW, OLD), "abc", token)).toBe(true);
    expect(verifyCsrf(at(0, NEW), "abc", token)).toBe(false);
  });

  it("cannot be made into a signed token by choosing the cookie", () => {
    const body = `${Buffer.from('{"admin":true}').toString("base64url")}.0`;
    const forged = `${body}.${csrfToken(at(0), body)}`;
    expect(at(0).verify("csrf", forged, HOUR).ok).toBe(false);
  });
});
