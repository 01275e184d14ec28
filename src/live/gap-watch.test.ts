import { describe, expect, it } from "vitest";
import { FaultyPubSub } from "../../test/support/faulty-pubsub.ts";
import { testApp } from "../../test/support/client.ts";
import type { Gap } from "../pubsub/gap.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import { GapWatch } from "./gap-watch.ts";

function watchOf(views = 2) {
  const pubSub = new FaultyPubSub();
  const [log, told]: [string[], Gap[]] = [[], []];
  const logger = {
    info: (line: string): void => void log.push(`info ${line}`),
    warn: (line: string): void => void log.push(`warn ${line}`),
  };
  const watch = new GapWatch(pubSub, logger, (gap) => {
    told.push(gap);
    return views;
  });
  return { pubSub, log, told, watch };
}

describe("GapWatch", () => {
  it("counts each gap, tells the views of it, and writes one line", () => {
    const { pubSub, log, told, watch } = watchOf();
    pubSub.gap();
    pubSub.gap({ cause: "sequence", topics: ["chat:1"], missed: 1 });
    pubSub.gap({ cause: "publish", topics: ["a", "b", "c", "d", "e"], missed: 3 });
    expect(watch.gaps).toBe(3);
    expect(told.map(({ cause }) => cause)).toEqual(["reconnect", "sequence", "publish"]);
    const time = "from 1970-01-01T00:00:01.000Z to 1970-01-01T00:00:02.000Z. 2 views load again.";
    expect(log).toEqual([
      `warn [wingbeat] a gap in Pub/Sub (reconnect): messages of all topics may be missing, ${time}`,
      `warn [wingbeat] a gap in Pub/Sub (sequence): 1 message of "chat:1" may be missing, ${time}`,
      `warn [wingbeat] a gap in Pub/Sub (publish): 3 messages of "a", "b", "c" and 2 more topics may be missing, ${time}`,
    ]);
  });

  it("says so of one view, and does not fail for a time that an adapter does not know", () => {
    const { pubSub, log } = watchOf(1);
    pubSub.gap({ since: Number.NaN });
    expect(log[0]).toMatch(/from an unknown time to 1970-01-01T00:00:02\.000Z\. 1 view loads again\.$/);
  });

  it("notes each change of the status once", () => {
    const { pubSub, log, watch } = watchOf();
    expect(watch.status).toBe("down");
    for (const status of ["connected", "connected", "degraded", "down"] as const) pubSub.say(status);
    expect(watch.status).toBe("down");
    expect(log).toEqual([
      "info [wingbeat] Pub/Sub is connected: messages go to other processes and come from them.",
      "warn [wingbeat] Pub/Sub is degraded: messages go to other processes or come from them, but not both. Those of this process arrive as ever.",
      "warn [wingbeat] Pub/Sub is down: messages neither go to other processes nor come from them. Those of this process arrive as ever.",
    ]);
  });

  it("keeps quiet about the way to the first connection", () => {
    const { pubSub, log } = watchOf();
    for (const status of ["degraded", "connected"] as const) pubSub.say(status);
    expect(log).toEqual(["info [wingbeat] Pub/Sub is connected: messages go to other processes and come from them."]);
  });

  it("begins with the status that an adapter says, with down where it says none, and with connected where there is no backplane", () => {
    const logger = { info: () => {}, warn: () => {} };
    const connected = Object.assign(new FaultyPubSub(), { status: "connected" as const });
    expect(new GapWatch(connected, logger, () => 0).status).toBe("connected");
    expect(new GapWatch(new FaultyPubSub(), logger, () => 0).status).toBe("down");
    expect(new GapWatch(new SingleProcessPubSub({ isolated: true }), logger, () => 0).status).toBe("connected");
  });

  it("listens no more when it is stopped", () => {
    const { pubSub, log, watch } = watchOf();
    expect(pubSub.listenerCount).toBe(2);
    watch.stop();
    watch.stop();
    expect(pubSub.listenerCount).toBe(0);
    pubSub.gap();
    expect([log, watch.gaps]).toEqual([[], 0]);
  });
});

describe("an app's stats", () => {
  it("tell gaps and the status of Pub/Sub, until the app is closed", async () => {
    const pubSub = new FaultyPubSub();
    const { app, log } = testApp({}, { pubSub });
    expect(app.stats()).toMatchObject({ gaps: 0, pubSub: "down" });
    pubSub.say("connected");
    pubSub.gap();
    expect(app.stats()).toMatchObject({ gaps: 1, pubSub: "connected" });
    expect(log).toHaveLength(2);
    await app.close();
    expect(pubSub.listenerCount).toBe(0);
  });

  it("say that a Pub/Sub without a backplane is connected", () => {
    expect(testApp({}).app.stats()).toMatchObject({ gaps: 0, pubSub: "connected" });
  });
});
