import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../protocol/frames.ts";
import { route } from "./route.ts";

const frame = (joinRef: string | null, ref: string | null, topic: string, event: string): Frame => ({
  joinRef,
  ref,
  topic,
  event,
  payload: {},
});

describe("route", () => {
  it.each([
    ["a heartbeat", frame(null, "7", "phoenix", "heartbeat"), undefined, "heartbeat"],
    ["anything else on the heartbeat's topic", frame(null, "7", "phoenix", "phx_join"), undefined, "unmatched"],
    ["a join", frame("1", "1", "lv:phx-main", "phx_join"), undefined, "join"],
    ["a join of an upload", frame("1", "1", "lvu:0", "phx_join"), undefined, "join"],
    ["a join where one has joined", frame("2", "2", "lv:phx-main", "phx_join"), "1", "join"],
    ["a join without a ref", frame("1", null, "lv:phx-main", "phx_join"), undefined, "outdated"],
    ["a join whose join_ref is not its ref", frame("1", "2", "lv:phx-main", "phx_join"), undefined, "outdated"],
    ["a join of an application's topic (B13)", frame("1", "1", "chat:lobby", "phx_join"), undefined, "unmatched"],
    ["a leave", frame("1", "2", "lv:phx-main", "phx_leave"), "1", "leave"],
    ["a leave of nothing", frame("1", "2", "lv:phx-main", "phx_leave"), undefined, "leave-nothing"],
    ["a leave of an earlier join", frame("1", "4", "lv:phx-main", "phx_leave"), "3", "leave-nothing"],
    ["a push", frame("1", "2", "lv:phx-main", "event"), "1", "deliver"],
    ["a push of an earlier join", frame("1", "4", "lv:phx-main", "event"), "3", "outdated"],
    ["a push that awaits no reply", frame("1", null, "lv:phx-main", "event"), "1", "outdated"],
    ["a push without a join_ref", frame(null, "2", "lv:phx-main", "event"), "1", "outdated"],
    ["a push where nobody has joined", frame("1", "2", "lv:phx-main", "event"), undefined, "unmatched"],
    ["a push to an application's topic (B13)", frame("1", "2", "chat:lobby", "event"), undefined, "unmatched"],
  ] as const)("takes %s for what it is", (_name, message, joinedAs, expected) => {
    expect(route(message, joinedAs)).toBe(expected);
  });

  it("delivers nothing that is not of the present join", () => {
    const ref = fc.option(fc.constantFrom("1", "2", "3"));
    fc.assert(
      fc.property(ref, ref, fc.constantFrom("event", "phx_leave", "diff"), ref, (joinRef, own, event, joinedAs) => {
        const to = route(frame(joinRef, own, "lv:phx-main", event), joinedAs ?? undefined);
        const isForPresentJoin = to === "deliver" || to === "leave";
        expect(!isForPresentJoin || joinRef === joinedAs).toBe(true);
      }),
    );
  });
});
