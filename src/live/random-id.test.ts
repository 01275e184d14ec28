import { describe, expect, it } from "vitest";
import { randomId } from "./random-id.ts";

describe("randomId", () => {
  it("writes as many bytes as asked for in base64url", () => {
    expect(randomId(16)).toMatch(/^[\w-]{22}$/);
    expect(randomId(12)).toMatch(/^[\w-]{16}$/);
  });

  it("never gives an id twice, beyond the size of its pool too", () => {
    const ids = new Set(Array.from({ length: 10_000 }, () => randomId(16)));
    expect(ids.size).toBe(10_000);
    expect(ids).not.toContain("A".repeat(22));
  });
});
