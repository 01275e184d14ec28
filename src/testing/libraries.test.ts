import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.doUnmock("css-select");
  vi.resetModules();
});

it("says what to install when a library is missing", async () => {
  vi.resetModules();
  vi.doMock("css-select", () => {
    throw new Error("Cannot find package 'css-select'");
  });
  const { loadLibraries } = await import("./libraries.ts");
  await expect(loadLibraries()).rejects.toThrow("npm install --save-dev parse5 css-select");
});
