import { describe, expect, it } from "vitest";
import { checkAccept, isAccepted } from "./accepts.ts";

describe("isAccepted", () => {
  it.each([
    [[".png"], "a.PNG", "", true],
    [[".png"], "a.jpg", "image/png", false],
    [[".png"], ".png", "", false],
    [[".tar.gz"], "a.tar.gz", "", true],
    [["image/*"], "a", "image/webp", true],
    [["image/*"], "a.png", "", false],
    [["image/*"], "a", "imagery/png", false],
    [["application/pdf"], "a.pdf", "application/pdf", true],
    [["application/pdf"], "a.pdf", "application/pdfx", false],
  ])("%j and %s of type %j: %s", (accept, name, type, expected) => {
    expect(isAccepted(accept, { name, type })).toBe(expected);
  });

  it("takes everything where any file will do", () => {
    expect(isAccepted("any", { name: "", type: "" })).toBe(true);
  });
});

describe("checkAccept", () => {
  it.each([undefined, [], "image/*", ["png"], ["image"], [".a b"], ["./a"], [1]])(
    "refuses %j, and says what to write",
    (accept) => {
      expect(() => checkAccept("avatar", accept)).toThrow(
        'socket.allowUpload("avatar", { accept: [".pdf", "image/*"] })',
      );
    },
  );

  it("takes extensions, media types and their groups", () => {
    expect(checkAccept("avatar", [".tar.gz", "image/*", "image/svg+xml"])).toEqual([
      ".tar.gz",
      "image/*",
      "image/svg+xml",
    ]);
  });
});
