import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codePoint } from "../../test/support/code-points.ts";
import { escapedJsonString, escapeHtml, jsonString } from "./escape.ts";

const anyText = fc.oneof(fc.string(), fc.string({ unit: codePoint }), fc.array(fc.nat(0xffff)).map(fromCodes));

const everyCodeUnit = Array.from({ length: 0x10000 }, (_, code) => `a${String.fromCharCode(code)}b`);

function fromCodes(codes: readonly number[]): string {
  return String.fromCharCode(...codes);
}

describe("escapeHtml", () => {
  it("returns a text that needs nothing as it is", () => {
    expect(escapeHtml("Ada Lovelace, 1815 – 1852 🦋 \u2028")).toBe("Ada Lovelace, 1815 – 1852 🦋 \u2028");
  });

  it("escapes what begins tags and references and what ends attribute values", () => {
    expect(escapeHtml(`<a href="x" id='y'>&amp;</a>`)).toBe(
      "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;",
    );
  });

  it("keeps carriage returns, which parsers would turn into line feeds", () => {
    expect(escapeHtml("one\r\ntwo")).toBe("one&#13;\ntwo");
  });

  it("changes those characters and no other", () => {
    const references: Record<string, string> = {
      "&": "&amp;",
      "<": "&lt;",
      ">": "&gt;",
      '"': "&quot;",
      "'": "&#39;",
      "\r": "&#13;",
    };
    fc.assert(
      fc.property(anyText, (text) => {
        const expected = text.split("").map((character) => references[character] ?? character);
        expect(escapeHtml(text)).toBe(expected.join(""));
      }),
    );
  });
});

describe("jsonString", () => {
  it("writes what JSON.stringify writes, for every single UTF-16 code unit", () => {
    const differing = everyCodeUnit.filter((text) => jsonString(text) !== JSON.stringify(text));
    expect(differing).toEqual([]);
  });

  it("writes what JSON.stringify writes, for any text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(jsonString(text)).toBe(JSON.stringify(text));
      }),
    );
  });

  it("escapes a surrogate that stands alone, so that the frame stays valid UTF-8", () => {
    expect(jsonString("\ud83e\udd8b \ud83e")).toBe('"🦋 \\ud83e"');
  });
});

describe("escapedJsonString", () => {
  it("is the JSON of the escaped text, for every single UTF-16 code unit", () => {
    const differing = everyCodeUnit.filter((text) => escapedJsonString(text) !== JSON.stringify(escapeHtml(text)));
    expect(differing).toEqual([]);
  });

  it("is the JSON of the escaped text, for any text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapedJsonString(text)).toBe(JSON.stringify(escapeHtml(text)));
      }),
    );
  });
});
