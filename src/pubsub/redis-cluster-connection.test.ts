import { describe, expect, it } from "vitest";
import { whoHasWhat } from "./redis-cluster-connection.ts";

describe("whoHasWhat", () => {
  const low = [0, 8_191, ["10.0.0.1", 6379, "id-a", []], ["10.0.0.3", 6379, "id-c", []]];
  const high = [8_192, 16_383, ["10.0.0.2", 6379, "id-b", []]];

  it("is the same in whichever order, by whichever names, and with whichever replicas", () => {
    const elsewhere = [
      [8_192, 16_383, ["node-b.example", 6379, "id-b", []], ["10.0.0.4", 6379, "id-d", []]],
      [0, 8_191, ["", 6379, "id-a", []]],
    ];
    expect(whoHasWhat([low, high])).toBe("0-8191 id-a\n8192-16383 id-b");
    expect(whoHasWhat(elsewhere)).toBe(whoHasWhat([low, high]));
  });

  it("differs when a slot has moved, or another node has taken over", () => {
    const moved = [
      [0, 8_190, ["10.0.0.1", 6379, "id-a"]],
      [8_191, 16_383, ["10.0.0.2", 6379, "id-b"]],
    ];
    expect(whoHasWhat(moved)).not.toBe(whoHasWhat([low, high]));
    expect(whoHasWhat([[0, 8_191, ["10.0.0.3", 6379, "id-c"]], high])).not.toBe(whoHasWhat([low, high]));
  });

  it("takes what is no such reply calmly", () => {
    expect(whoHasWhat("OK")).toBe("");
    expect(whoHasWhat([null])).toBe("undefined-undefined undefined");
  });
});
