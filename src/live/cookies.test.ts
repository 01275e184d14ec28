import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCookie, serializeCookie } from "./cookies.ts";

describe("readCookie", () => {
  it("finds a cookie by its whole name, wherever it stands", () => {
    const header = "wingbeat_id2=x; wingbeat_id=abc.1-2_3;theme=dark";
    expect(readCookie(header, "wingbeat_id")).toBe("abc.1-2_3");
    expect(readCookie(header, "wingbeat_id2")).toBe("x");
    expect(readCookie(header, "theme")).toBe("dark");
    expect(readCookie(header, "id")).toBeUndefined();
    expect(readCookie(header, "wingbeat")).toBeUndefined();
  });

  it("takes the first of several, and a value with an equals sign whole", () => {
    expect(readCookie("a=1; a=2; b=x=y", "a")).toBe("1");
    expect(readCookie("a=1; a=2; b=x=y", "b")).toBe("x=y");
    expect(readCookie("a=", "a")).toBe("");
  });

  it("finds nothing in a missing or broken header", () => {
    expect(readCookie(null, "a")).toBeUndefined();
    expect(readCookie(undefined, "a")).toBeUndefined();
    expect(readCookie("a", "a")).toBeUndefined();
    expect(readCookie(";;;= ;a ;", "a")).toBeUndefined();
  });

  it("throws for no header at all", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "=", ";", " ", "é", '"', "\t")), (parts) => {
        const value = readCookie(parts.join(""), "a");
        expect(value === undefined || !value.includes(";")).toBe(true);
      }),
    );
  });

  it("takes a megabyte of spaces and separators in a moment", () => {
    const before = performance.now();
    readCookie(" ".repeat(500_000) + ";".repeat(500_000), "a");
    expect(performance.now() - before).toBeLessThan(5_000); // a quadratic walk takes minutes
  });
});

describe("serializeCookie", () => {
  it("writes a cookie for the whole site, hidden from scripts", () => {
    expect(serializeCookie("id", "abc")).toBe("id=abc; path=/; samesite=lax; httponly");
    expect(serializeCookie("id", "abc", { secure: true, maxAgeSeconds: 60 })).toBe(
      "id=abc; path=/; max-age=60; samesite=lax; httponly; secure",
    );
    expect(serializeCookie("id", "", { maxAgeSeconds: 0, httpOnly: false })).toBe(
      "id=; path=/; max-age=0; samesite=lax",
    );
  });

  it.each(["a;b", "a b", "a,b", 'a"b', "a\\b", "a\r\nset-cookie: x=1", "é"])("refuses the value %j", (value) => {
    expect(() => serializeCookie("id", value)).toThrow("has characters that it may not have");
  });

  it.each(["", "a=b", "a b", "a;b", "a\r\n"])("refuses the name %j", (name) => {
    expect(() => serializeCookie(name, "1")).toThrow("cannot name a cookie");
  });
});
