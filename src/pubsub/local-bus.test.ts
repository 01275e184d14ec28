import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { LocalBus } from "./local-bus.ts";
import { topic } from "./topic.ts";

describe("LocalBus", () => {
  it("B1: messages are delivered in the order sent, also those sent while one is being delivered", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    bus.subscribe("numbers", (message: number) => {
      if (message === 1) for (const next of [2, 3, 4, 5]) bus.publish("numbers", next);
    });
    bus.subscribe("numbers", (message: number) => received.push(message));
    bus.publish("numbers", 1);
    bus.publish("numbers", 6);
    expect(received).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("B5: a second subscription does not make the first one leak, and its end does not fail the publisher", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    const listener = (message: string) => received.push(message);
    const endFirst = bus.subscribe("room", listener);
    const endSecond = bus.subscribe("room", listener);
    bus.publish("room", "both");
    endFirst();
    bus.publish("room", "one");
    endSecond();
    bus.publish("room", "none");
    expect(received).toEqual(["both", "one"]);
    expect(bus.topicCount).toBe(0);
  });

  it("B6: one throwing subscriber does not keep the message from the others, nor fail the publisher", () => {
    const bus = new LocalBus({ onError: () => {} });
    const received: string[] = [];
    bus.subscribe("room", () => received.push("before"));
    bus.subscribe("room", () => {
      throw new Error("boom");
    });
    bus.subscribe("room", () => received.push("after"));
    expect(() => bus.publish("room", "hello")).not.toThrow();
    expect(received).toEqual(["before", "after"]);
  });

  it("delivers across topics in the order published: who listens to both sees one sequence", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    bus.subscribe("a", () => {
      bus.publish("b", "b1");
      bus.publish("a2", "a2");
      bus.publish("b", "b2");
    });
    for (const name of ["a", "b", "a2"]) bus.subscribe(name, (message: string) => received.push(message));
    bus.publish("a", "a1");
    expect(received).toEqual(["a1", "b1", "a2", "b2"]);
  });

  it("does not deliver a waiting message to a listener that subscribed after it was published", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    let subscribed = false;
    bus.subscribe("room", () => {
      if (subscribed) return;
      subscribed = true;
      bus.publish("room", "published before");
      bus.subscribe("room", (message: string) => received.push(message));
      bus.publish("room", "published after");
    });
    bus.publish("room", "at hand");
    expect(received).toEqual(["published after"]);
  });

  it("does not deliver a waiting message to a listener that has unsubscribed meanwhile", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    const end = bus.subscribe("room", (message: string) => received.push(message));
    bus.subscribe("room", (message: string) => {
      if (message !== "at hand") return;
      bus.publish("room", "waiting");
      end();
    });
    bus.publish("room", "at hand");
    expect(received).toEqual(["at hand"]);
  });

  it("does not deliver the message at hand to a listener that leaves and comes back during it", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    const listener = (message: string) => received.push(message);
    let end = () => {};
    bus.subscribe("room", () => {
      end();
      end = bus.subscribe("room", listener);
    });
    end = bus.subscribe("room", listener);
    bus.publish("room", "at hand");
    expect(received).toEqual([]);
    bus.publish("room", "next");
    expect(received).toEqual([]);
    end();
    expect(bus.subscriberCount("room")).toBe(1);
  });

  it("passes a sender by only if all subscriptions of its listener were made as that sender", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    const listener = (message: string) => received.push(message);
    const endAda = bus.subscribe("room", listener, "ada");
    const endGrace = bus.subscribe("room", listener, "grace");
    const endAdaToo = bus.subscribe("room", listener, "ada");
    bus.publish("room", "Grace listens too", "ada");
    endGrace();
    bus.publish("room", "to nobody", "ada");
    endAda();
    bus.publish("room", "still to nobody", "ada");
    bus.publish("room", "to Ada", "grace");
    endAdaToo();
    bus.publish("room", "to nobody at all");
    expect(received).toEqual(["Grace listens too", "to Ada"]);
    expect(bus.topicCount).toBe(0);
  });

  it("reports a listener's failure with the topic and the cause", () => {
    const onError = vi.fn();
    const bus = new LocalBus({ onError });
    const cause = new Error("boom");
    bus.subscribe("room", () => {
      throw cause;
    });
    bus.publish("room", "hello");
    expect(onError.mock.calls).toEqual([
      [expect.objectContaining({ code: "pubsub.listener-failed", cause }), { topic: "room" }],
    ]);
    expect(onError.mock.calls[0]?.[0].message).toContain('A listener of the topic "room" failed: boom.');
  });

  it("reports the rejection of an async listener", async () => {
    const cause = await new Promise((resolve) => {
      const bus = new LocalBus({ onError: (error) => resolve(error.cause) });
      bus.subscribe("room", () => Promise.reject("not even an Error"));
      bus.publish("room", "hello");
    });
    expect(cause).toBe("not even an Error");
  });

  it("reports what throws values that cannot be made text", () => {
    const onError = vi.fn();
    const bus = new LocalBus({ onError });
    const cause = Object.create(null);
    bus.subscribe("room", () => {
      throw cause;
    });
    bus.publish("room", "hello");
    expect(onError.mock.calls[0]?.[0].cause).toBe(cause);
  });

  it("logs a failure when there is no onError, or when that fails itself", () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      const failing = () => {
        throw new Error("boom");
      };
      const plain = new LocalBus();
      plain.subscribe("room", failing);
      plain.publish("room", "hello");
      expect(log.mock.calls).toEqual([[expect.objectContaining({ code: "pubsub.listener-failed" })]]);
      log.mockClear();
      const broken = new LocalBus({ onError: failing });
      broken.subscribe("room", failing);
      broken.publish("room", "hello");
      expect(log.mock.calls).toEqual([
        [expect.objectContaining({ code: "pubsub.listener-failed" })],
        [expect.stringContaining("onError"), expect.objectContaining({ message: "boom" })],
      ]);
    } finally {
      log.mockRestore();
    }
  });

  it("survives a chain of 100 000 messages between two topics", () => {
    const bus = new LocalBus();
    let last = 0;
    for (const [here, there] of [
      ["ping", "pong"],
      ["pong", "ping"],
    ] as const) {
      bus.subscribe(here, (message: number) => {
        last = message;
        if (message < 100_000) bus.publish(there, message + 1);
      });
    }
    bus.publish("ping", 1);
    expect(last).toBe(100_000);
  });

  it("goes on after a publisher ran out of stack", () => {
    const bus = new LocalBus({ onError: () => {} });
    const received: unknown[] = [];
    bus.subscribe("room", (message: unknown) => received.push(message));
    const publishDeeper = (): void => {
      bus.publish("room", "deep");
      publishDeeper();
    };
    expect(publishDeeper).toThrow(RangeError);
    received.length = 0;
    bus.publish("room", "after");
    expect(received.at(-1)).toBe("after");
  });

  it("delivers what was waiting first, after a delivery was cut off", () => {
    const bus = new LocalBus();
    const received: unknown[] = [];
    bus.subscribe("room", (message: string) => {
      received.push(message);
      if (message !== "cut off") return;
      bus.publish("room", "waiting");
      throw new Error("boom");
    });
    // Out of stack in the wrong place comes to the same as a logger that throws, and cannot be aimed.
    const log = vi.spyOn(console, "error").mockImplementation(() => {
      throw new Error("the log is gone");
    });
    try {
      expect(() => bus.publish("room", "cut off")).toThrow("the log is gone");
    } finally {
      log.mockRestore();
    }
    bus.publish("room", "next");
    expect(received).toEqual(["cut off", "waiting", "next"]);
  });

  it("refuses to subscribe to what cannot be a topic, and keeps nothing of it", () => {
    const bus = new LocalBus();
    expect(() => bus.subscribe("", () => {})).toThrow(expect.objectContaining({ code: "topic.invalid" }));
    expect(bus.topicCount).toBe(0);
  });

  it("counts its topics and subscribers", () => {
    const bus = new LocalBus();
    const listener = () => {};
    bus.subscribe("a", listener);
    bus.subscribe("a", listener);
    bus.subscribe("a", () => {});
    bus.subscribe(topic<{ type: "said" }>("b"), listener);
    expect(bus.topicCount).toBe(2);
    expect(bus.subscriberCount()).toBe(3);
    expect(bus.subscriberCount("a")).toBe(2);
    expect(bus.subscriberCount("nobody")).toBe(0);
  });

  it("delivers as a plain list of subscriptions would, in any history of subscribing, ending and publishing", () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant("subscribe" as const), topic: fc.nat(2), listener: fc.nat(3), as: fc.nat(2) }),
      fc.record({ do: fc.constant("end" as const), which: fc.nat(20) }),
      fc.record({ do: fc.constant("publish" as const), topic: fc.nat(2), from: fc.nat(2) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const bus = new LocalBus();
        const received: string[] = [];
        const listeners = [0, 1, 2, 3].map((id) => (message: number) => received.push(`${id} got ${message}`));
        const id = (number: number) => (number === 0 ? undefined : `sender ${number}`);
        const expected: string[] = [];
        const ends: (() => void)[] = [];
        // The model: every subscription in a list, ended ones marked.
        const model: { topic: number; listener: number; as: number; ended: boolean }[] = [];
        for (const [number, next] of actions.entries()) {
          if (next.do === "subscribe") {
            ends.push(bus.subscribe(`${next.topic}`, listeners[next.listener]!, id(next.as)));
            model.push({ ...next, ended: false });
          } else if (next.do === "end") {
            ends[next.which]?.();
            const ended = model[next.which];
            if (ended !== undefined) ended.ended = true;
          } else {
            bus.publish(`${next.topic}`, number, id(next.from));
            const hears = model.filter(
              (one) => !one.ended && one.topic === next.topic && (next.from === 0 || one.as !== next.from),
            );
            for (const listener of new Set(hears.map((one) => one.listener)))
              expected.push(`${listener} got ${number}`);
          }
        }
        expect(received.toSorted()).toEqual(expected.toSorted());
        for (const end of ends) end();
        expect(bus.topicCount).toBe(0);
      }),
    );
  });
});
