import { describe, expect, it, vi } from "vitest";
import { pubSubContract } from "../testing/pubsub-contract.ts";
import { ClusterPubSub } from "./cluster-pubsub.ts";

// In a primary without workers. With workers: test/process/cluster.test.ts.
describe("ClusterPubSub", () => {
  pubSubContract(() => new ClusterPubSub({ onError: () => {} }), { it }, { counts: (pubSub) => pubSub.counts });

  it("is one bus in a process: others get the very object that was sent, before broadcast returns", async () => {
    const [here, there] = [new ClusterPubSub(), new ClusterPubSub()];
    const received: unknown[] = [];
    await there.subscribe("room", (message) => received.push(message));
    const sent = { type: "said", at: new Date(0) };
    const broadcasting = here.broadcast("room", sent);
    expect(received[0]).toBe(sent);
    await broadcasting;
    await Promise.all([here.close(), there.close()]);
  });

  it("ends on close only what was subscribed through it, though the listener is the same", async () => {
    const [mine, theirs] = [new ClusterPubSub(), new ClusterPubSub()];
    const received: unknown[] = [];
    const listener = (message: unknown) => received.push(message);
    await mine.subscribe("room", listener);
    await theirs.subscribe("room", listener);
    await mine.close();
    await theirs.broadcast("room", "still here");
    await theirs.close();
    expect(received).toEqual(["still here"]);
  });

  it("reports a failing listener to every object's onError, and to the console if none has one", async () => {
    const [one, two] = [vi.fn(), vi.fn()];
    const [first, second] = [new ClusterPubSub({ onError: one }), new ClusterPubSub({ onError: two })];
    const plain = new ClusterPubSub();
    await plain.subscribe("room", () => {
      throw new Error("boom");
    });
    await first.broadcast("room", "hello");
    const failure = [expect.objectContaining({ code: "pubsub.listener-failed" }), { topic: "room" }];
    expect([one.mock.calls, two.mock.calls]).toEqual([[failure], [failure]]);
    await Promise.all([first.close(), second.close()]);
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    await plain.broadcast("room", "hello");
    expect(log.mock.calls).toEqual([[failure[0]]]);
    log.mockRestore();
    await plain.close();
  });

  it("tells of the backplane through `on`, until that is ended or the object closed", async () => {
    const pubSub = new ClusterPubSub();
    expect(pubSub.status).toBe("connected");
    const end = pubSub.on("gap", () => {});
    end();
    await pubSub.close();
    expect(() => pubSub.on("gap", () => {})).toThrow(expect.objectContaining({ code: "pubsub.closed" }));
  });
});
