import { describe, expect, it } from "vitest";
import { PreparedFrame } from "../transport/prepared-frame.ts";
import { Channel, type Line, type Member } from "./channel.ts";

function open() {
  const log: string[] = [];
  const line: Line = {
    isLagging: () => false,
    sendText: (text) => void log.push(text),
    sendPrepared: ({ text }) => void log.push(`prepared ${text}`),
    hold: () => void log.push("hold"),
    release: () => void log.push("release"),
  };
  const member: Member = {
    receive: () => {},
    closed: () => void log.push("member closed"),
    drained: () => {},
  };
  const channel = new Channel(line, "lv:phx-main", "4");
  channel.member = member;
  return { channel, log };
}

describe("Channel", () => {
  it("sends replies and pushes with its own join_ref", () => {
    const { channel, log } = open();
    channel.reply("5", "ok", "{}");
    channel.push("diff", '{"0":"a"}');
    expect(log).toEqual([
      '["4","5","lv:phx-main","phx_reply",{"status":"ok","response":{}}]',
      '["4",null,"lv:phx-main","diff",{"0":"a"}]',
    ]);
  });

  it("refuses a join with the reply to it, and is over", () => {
    const { channel, log } = open();
    channel.refuse('{"reason":"stale"}');
    expect(log).toEqual([
      '["4","4","lv:phx-main","phx_reply",{"status":"error","response":{"reason":"stale"}}]',
      "release",
    ]);
    expect(channel.isOpen).toBe(false);
  });

  it("tells the client whether to come back: phx_error if it shall, phx_close if not", () => {
    const crashed = open();
    crashed.channel.crash();
    expect(crashed.log).toEqual(['["4",null,"lv:phx-main","phx_error",{"reason":"channel_crash"}]', "release"]);
    const closed = open();
    closed.channel.close();
    expect(closed.log).toEqual(['["4",null,"lv:phx-main","phx_close",{}]', "release"]);
  });

  it("sends nothing once it is over, in whichever way", () => {
    for (const end of ["close", "crash", "closed"] as const) {
      const { channel, log } = open();
      channel[end]();
      log.length = 0;
      channel.reply("5", "ok", "{}");
      channel.push("diff", "{}");
      channel.pushPrepared(new PreparedFrame("[]"));
      channel.announce("wingbeat", "error", "{}");
      channel.hold();
      channel.close();
      channel.crash();
      channel.refuse("{}");
      channel.closed();
      expect(log).toEqual([]);
    }
  });

  it("tells its member when it was closed from outside, once, and not when the member ended it", () => {
    const outside = open();
    outside.channel.closed();
    outside.channel.closed();
    expect(outside.log).toEqual(["member closed"]);
    const inside = open();
    inside.channel.crash();
    inside.channel.closed();
    expect(inside.log).not.toContain("member closed");
  });
});
