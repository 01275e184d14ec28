import { describe, expect, it } from "vitest";
import { Channel, type Line } from "./channel.ts";
import { ChannelTable } from "./channel-table.ts";

const line: Line = { isLagging: () => false, sendText() {}, sendPrepared() {}, hold() {}, release() {} };
const channel = (topic: string, joinRef = "1"): Channel => new Channel(line, topic, joinRef);

describe("a channel table", () => {
  it("finds each channel by its topic", () => {
    const table = new ChannelTable();
    const [a, b, c] = [channel("lv:a"), channel("lv:b"), channel("lv:c")];
    for (const added of [a, b, c]) table.add(added);
    expect(["lv:a", "lv:b", "lv:c", "lv:d"].map((topic) => table.get(topic))).toEqual([a, b, c, undefined]);
    expect(table.size).toBe(3);
  });

  it("lets any of them go, and takes another on its topic", () => {
    const table = new ChannelTable();
    const [a, b] = [channel("lv:a"), channel("lv:b")];
    table.add(a);
    table.add(b);
    table.delete(a);
    expect([table.get("lv:a"), table.get("lv:b"), table.size]).toEqual([undefined, b, 1]);
    const again = channel("lv:a", "2");
    table.add(again);
    table.delete(b);
    expect([table.get("lv:a"), table.get("lv:b"), table.size]).toEqual([again, undefined, 1]);
  });

  it("keeps the channel that stands on a topic when an earlier one of it is let go", () => {
    const table = new ChannelTable();
    const [old, other, present] = [channel("lv:a", "1"), channel("lv:b"), channel("lv:a", "2")];
    table.add(other);
    table.add(present);
    table.delete(old);
    expect(table.get("lv:a")).toBe(present);
  });

  it("counts those beside uploads", () => {
    const table = new ChannelTable();
    for (const topic of ["lvu:0", "lv:a", "lvu:1", "lv:b"]) table.add(channel(topic));
    expect([table.size, table.countBeside("lvu:")]).toEqual([4, 2]);
  });

  it("gives all of them up at once", () => {
    const table = new ChannelTable();
    const [a, b] = [channel("lv:a"), channel("lv:b")];
    table.add(a);
    table.add(b);
    expect(table.takeAll()).toEqual([a, b]);
    expect([table.size, table.takeAll()]).toEqual([0, []]);
  });
});
