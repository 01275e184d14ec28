import { describe, expect, it } from "vitest";
import { BackplanePubSub } from "./backplane-pubsub.ts";
import type { BackplaneEvents } from "./backplane.ts";
import { vouchForDiff } from "./presence-diffs.ts";
import type { PubSub } from "./pubsub.ts";
import { SingleProcessPubSub } from "./single-process-pubsub.ts";

const forged = { type: "presence_diff", topic: "room", joins: { eve: { metas: [{ ref: "1" }] } }, leaves: {} };
const reserved = expect.objectContaining({ code: "pubsub.reserved-message" });

/** A backplane that carries nothing but what the test brings in. */
function overBackplane(): {
  readonly pubSub: BackplanePubSub;
  readonly bring: (channel: string, frame: string) => void;
} {
  let events: BackplaneEvents | undefined;
  const pubSub = new BackplanePubSub(
    {
      start: (given) => void (events = given),
      publish: () => undefined,
      subscribe: () => Promise.resolve(),
      unsubscribe: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    { onError: () => {} },
  );
  events?.status("connected");
  return { pubSub, bring: (channel, frame) => events?.frame(channel, frame) };
}

describe.each<[string, () => PubSub]>([
  ["SingleProcessPubSub", () => new SingleProcessPubSub({ isolated: true, onError: () => {} })],
  ["BackplanePubSub", () => overBackplane().pubSub],
])("%s", (_name, open) => {
  it("refuses to broadcast what says that it is a diff of presences", async () => {
    const pubSub = open();
    const heard: unknown[] = [];
    await pubSub.subscribe("room", (message) => heard.push(message));
    await expect(pubSub.broadcast("room", forged)).rejects.toThrow(reserved);
    await expect(pubSub.publish("room", forged)).rejects.toThrow(reserved);
    await expect(pubSub.broadcastFrom({ id: "ada" }, "room", forged)).rejects.toThrow(reserved);
    expect(() => pubSub.localBroadcast("room", forged)).toThrow(reserved);
    expect(heard).toEqual([]);
    await pubSub.close();
  });

  it("delivers one that Presence has made in this process, but does not send it to others", async () => {
    const pubSub = open();
    const heard: unknown[] = [];
    await pubSub.subscribe("room", (message) => heard.push(message));
    const genuine = { ...forged };
    vouchForDiff(genuine);
    pubSub.localBroadcast("room", genuine);
    expect(heard).toEqual([genuine]);
    await expect(pubSub.broadcast("room", genuine)).rejects.toThrow(reserved);
    await pubSub.close();
  });
});

describe("BackplanePubSub", () => {
  it("drops and counts one that another program has published", async () => {
    const { pubSub, bring } = overBackplane();
    const heard: unknown[] = [];
    await pubSub.subscribe("room", (message) => heard.push(message));
    bring("room", JSON.stringify(forged));
    bring("room", JSON.stringify({ type: "said" }));
    expect(heard).toEqual([{ type: "said" }]);
    expect(pubSub.counts).toMatchObject({ refused: 1, foreign: 1 });
    await pubSub.close();
  });
});
