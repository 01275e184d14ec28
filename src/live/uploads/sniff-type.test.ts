import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sniffType } from "./sniff-type.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe("sniffType", () => {
  it.each([
    ["\x89PNG\r\n\x1a\n...", "image/png"],
    ["\xff\xd8\xff\xe0", "image/jpeg"],
    ["GIF89a", "image/gif"],
    ["RIFF....WEBPVP8 ", "image/webp"],
    ["%PDF-1.7", "application/pdf"],
    ["PK\x03\x04", "application/zip"],
    ["\x1f\x8b\x08", "application/gzip"],
    ["\0\0\0\x18ftypmp42", "video/mp4"],
    ["<script>", undefined],
    ["", undefined],
    ["\x89PN", undefined],
  ])("takes %j for %s", (start, type) => {
    expect(sniffType(latin1(start))).toBe(type);
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.uint8Array(), (start) => void sniffType(start)));
  });
});
