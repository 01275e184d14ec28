import { describe, expect, it, vi } from "vitest";
import type { BackplaneEvents } from "./backplane.ts";
import { PrimaryBackplane, WorkerBackplane, type WorkerBackplaneOptions } from "./cluster-backplane.ts";
import { ClusterRelay } from "./cluster-relay.ts";
import type { IpcPort } from "./ipc-port.ts";

/** Both ends of a line in one process: as Node's, it carries JSON, in order, and later. */
class Wire {
  readonly toPrimary: End = new End();
  readonly toWorker: End = new End();
  readonly workerPort: IpcPort = this.#port(this.toPrimary, this.toWorker);
  readonly primaryPort: IpcPort = this.#port(this.toWorker, this.toPrimary);

  #port(out: End, into: End): IpcPort {
    return {
      send: (message, sent) => out.send(JSON.stringify(message), sent),
      listen: (onMessage, onGone) => into.listen(onMessage, onGone),
    };
  }

  cut(): void {
    for (const end of [this.toPrimary, this.toWorker]) end.cut();
  }
}

/** One direction. */
class End {
  readonly #listeners = new Set<{ onMessage: (message: unknown) => void; onGone: () => void }>();
  readonly #queue: { readonly text: string; readonly sent: () => void }[] = [];
  #isReading = true;
  /** Everything that was sent. */
  readonly texts: string[] = [];

  send(text: string, sent: () => void): void {
    this.texts.push(text);
    this.#queue.push({ text, sent });
    this.#flush();
  }

  listen(onMessage: (message: unknown) => void, onGone: () => void): () => void {
    const listener = { onMessage, onGone };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The reader's process stands still, and the line is full: nothing more goes out. */
  set isReading(isReading: boolean) {
    this.#isReading = isReading;
    this.#flush();
  }

  /** Says something that no backplane has sent. */
  say(message: unknown): void {
    for (const { onMessage } of this.#listeners) onMessage(message);
  }

  cut(): void {
    this.#isReading = false;
    for (const { onGone } of this.#listeners) onGone();
  }

  #flush(): void {
    queueMicrotask(() => {
      while (this.#isReading && this.#queue.length > 0) {
        const [next] = this.#queue.splice(0, 1);
        if (next === undefined) return;
        this.say(JSON.parse(next.text));
        next.sent();
      }
    });
  }
}

/** Records what a backplane tells. */
class Told implements BackplaneEvents {
  readonly frames: string[] = [];
  readonly others: string[] = [];
  readonly gaps: number[] = [];
  frame = (channel: string, frame: string): void => void this.frames.push(`${channel} ${frame}`);
  status = (status: string): void => void this.others.push(status);
  gap = (cause: string, sinceMs: number): void => {
    this.others.push(`gap: ${cause}`);
    this.gaps.push(sinceMs);
  };
  error = (error: Error): void => void this.others.push(`error: ${error.message}`);
}

function addWorker(relay: ClusterRelay, options: WorkerBackplaneOptions = {}) {
  const wire = new Wire();
  relay.addWorker(wire.primaryPort, { maxWaitingCharacters: 1_000 });
  const backplane = new WorkerBackplane(wire.workerPort, options);
  const told = new Told();
  backplane.start(told);
  return { wire, backplane, told };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the backplanes of node:cluster", () => {
  it("carry frames between workers and the primary, in order, and not back to their sender", async () => {
    const relay = new ClusterRelay();
    const [one, two] = [addWorker(relay), addWorker(relay)];
    const primary = new PrimaryBackplane(relay);
    const told = new Told();
    primary.start(told);
    await Promise.all([one.backplane, two.backplane, primary].map((backplane) => backplane.subscribe("room")));
    void one.backplane.publish("room", "1");
    void one.backplane.publish("room", "2");
    await settled();
    primary.publish("room", "3");
    void two.backplane.publish("room", "4");
    await settled();
    expect(one.told.frames).toEqual(["room 3", "room 4"]);
    expect(two.told.frames).toEqual(["room 1", "room 2", "room 3"]);
    expect(told.frames).toEqual(["room 1", "room 2", "room 4"]);
    expect([one.told.others, two.told.others, told.others]).toEqual([["connected"], ["connected"], ["connected"]]);
  });

  it("send a worker only what it has subscribed to", async () => {
    const relay = new ClusterRelay();
    const [one, two] = [addWorker(relay), addWorker(relay)];
    await two.backplane.subscribe("room");
    void one.backplane.publish("elsewhere", "unheard");
    void one.backplane.publish("room", "heard");
    await settled();
    await two.backplane.unsubscribe("room");
    void one.backplane.publish("room", "unheard");
    await settled();
    expect(two.told.frames).toEqual(["room heard"]);
    expect(two.wire.toWorker.texts.join()).not.toContain("unheard");
    expect(relay.channelCount).toBe(0);
  });

  it("send together what is published in one turn, and while the line is busy", async () => {
    const relay = new ClusterRelay();
    const { backplane, wire } = addWorker(relay);
    await settled();
    const before = wire.toPrimary.texts.length;
    for (let number = 0; number < 100; number++) void backplane.publish("room", String(number));
    await settled();
    expect(wire.toPrimary.texts.length - before).toBe(1);
  });

  it("hold what is published before the primary has answered, and keep its order", async () => {
    const relay = new ClusterRelay();
    const two = addWorker(relay);
    await two.backplane.subscribe("room");
    const one = addWorker(relay);
    const [first, second] = [one.backplane.publish("room", "1"), one.backplane.publish("room", "2")];
    await first;
    await second;
    expect(one.backplane.publish("room", "3")).toBeUndefined();
    await settled();
    expect(two.told.frames).toEqual(["room 1", "room 2", "room 3"]);
  });

  it("drop what is for a worker that does not read beyond a bound, tell it since when, and go on", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 50_000 });
    try {
      const relay = new ClusterRelay();
      const [one, slow, quick] = [addWorker(relay), addWorker(relay), addWorker(relay)];
      await Promise.all([slow, quick].map(({ backplane }) => backplane.subscribe("room")));
      slow.wire.toWorker.isReading = false;
      for (let number = 1; number <= 6; number++) {
        vi.setSystemTime(50_000 + number);
        void one.backplane.publish("room", `${number}`.repeat(400));
        await settled();
      }
      slow.wire.toWorker.isReading = true;
      await settled();
      void one.backplane.publish("room", "7");
      await settled();
      const firstLetters = ({ told }: { told: Told }) => told.frames.map((frame) => frame.charAt("room ".length));
      // The first is on its way, the next two wait, the fourth is too much.
      expect(firstLetters(slow)).toEqual(["1", "2", "3", "7"]);
      expect(slow.told.others).toEqual(["connected", "gap: reconnect"]);
      expect(slow.told.gaps).toEqual([50_004]);
      expect(firstLetters(quick)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
      expect(quick.told.others).toEqual(["connected"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("tell of a loss though nothing is published afterwards", async () => {
    const relay = new ClusterRelay();
    const [one, slow] = [addWorker(relay), addWorker(relay)];
    await slow.backplane.subscribe("room");
    slow.wire.toWorker.isReading = false;
    for (let number = 1; number <= 9; number++) {
      void one.backplane.publish("room", "x".repeat(400));
      await settled();
    }
    slow.wire.toWorker.isReading = true;
    await settled();
    expect(slow.told.others).toEqual(["connected", "gap: reconnect"]);
  });

  it("refuse what is published while too much waits for a primary that does not read", async () => {
    const relay = new ClusterRelay();
    const { backplane, wire } = addWorker(relay, { maxWaitingCharacters: 1_000 });
    await settled();
    wire.toPrimary.isReading = false;
    void backplane.publish("room", "on its way");
    await settled();
    expect(backplane.publish("room", "x".repeat(600))).toBeUndefined();
    await expect(backplane.publish("room", "x".repeat(600))).rejects.toMatchObject({ code: "pubsub.backplane" });
    wire.toPrimary.isReading = true;
    await settled();
    expect(backplane.publish("room", "x".repeat(600))).toBeUndefined();
  });

  it("free all that a worker held when its line is gone, and nobody else notices", async () => {
    const relay = new ClusterRelay();
    const [one, two] = [addWorker(relay), addWorker(relay)];
    await Promise.all([one, two].map(({ backplane }) => backplane.subscribe("room")));
    await one.backplane.subscribe("only one's");
    one.wire.cut();
    await settled();
    expect(relay.channelCount).toBe(1);
    expect(two.told.others).toEqual(["connected"]);
    expect(one.told.others).toEqual(["connected", "down"]);
    await expect(one.backplane.publish("room", "lost")).rejects.toMatchObject({ code: "pubsub.backplane" });
    await expect(one.backplane.subscribe("room")).rejects.toMatchObject({ code: "pubsub.backplane" });
  });

  it("fail with what to do when nobody relays, and work once somebody does", async () => {
    const wire = new Wire();
    const backplane = new WorkerBackplane(wire.workerPort, { welcomeTimeoutMs: 1 });
    const told = new Told();
    backplane.start(told);
    const advice = { code: "pubsub.backplane", message: expect.stringContaining("if (cluster.isPrimary)") };
    const [subscribing, publishing] = [backplane.subscribe("early"), backplane.publish("room", "early")];
    await expect(subscribing).rejects.toMatchObject(advice);
    await expect(publishing).rejects.toMatchObject(advice);
    expect(told.others).toEqual([expect.stringContaining("error: The primary process did not answer")]);
    const relay = new ClusterRelay();
    relay.addWorker(wire.primaryPort);
    wire.toWorker.say({ wingbeat: "pubsub/1", line: 0, started: true });
    await backplane.subscribe("room");
    const primary = new PrimaryBackplane(relay);
    primary.start(new Told());
    primary.publish("room", "late");
    await settled();
    expect(told.frames).toEqual(["room late"]);
    expect(told.others.at(-1)).toBe("connected");
  });

  it("subscribe again at a primary that begins after them", async () => {
    const wire = new Wire();
    const backplane = new WorkerBackplane(wire.workerPort);
    const told = new Told();
    backplane.start(told);
    const subscribing = backplane.subscribe("room");
    await settled();
    const relay = new ClusterRelay();
    relay.addWorker(wire.primaryPort);
    wire.toWorker.say({ wingbeat: "pubsub/1", line: 0, started: true });
    await subscribing;
    const primary = new PrimaryBackplane(relay);
    primary.start(new Told());
    primary.publish("room", "hello");
    await settled();
    expect(told.frames).toEqual(["room hello"]);
  });

  it("ignore messages of the program and of other libraries, and what is only similar to their own", async () => {
    const relay = new ClusterRelay();
    const { wire, backplane, told } = addWorker(relay);
    await backplane.subscribe("room");
    const foreign: unknown[] = [
      undefined,
      null,
      "room",
      { type: "axm:monitor" },
      { wingbeat: "pubsub/2", line: 1, frames: ["room", "later version"] },
      { wingbeat: "pubsub/1", frames: ["room", "no line"] },
      { wingbeat: "pubsub/1", line: 1, frames: ["room"] },
      { wingbeat: "pubsub/1", line: 1, frames: ["room", 1] },
      { wingbeat: "pubsub/1", line: 1, asks: "+room" },
      { wingbeat: "pubsub/1", line: 1, upTo: "9" },
      { wingbeat: "pubsub/1", line: 1, lostSinceMs: "now" },
      { wingbeat: "pubsub/1", line: 999_999, frames: ["room", "of another line"] },
    ];
    for (const message of foreign) {
      wire.toWorker.say(message);
      wire.toPrimary.say(message);
    }
    await settled();
    expect(told.frames).toEqual([]);
    expect(told.others).toEqual(["connected"]);
    expect(relay.channelCount).toBe(1);
  });

  it("let a second backplane of one process begin where the first one ends, each for itself", async () => {
    const relay = new ClusterRelay();
    const { wire, backplane: first } = addWorker(relay);
    await first.subscribe("room");
    const second = new WorkerBackplane(wire.workerPort);
    const told = new Told();
    second.start(told);
    const subscribing = second.subscribe("room");
    void first.publish("room", "from the first, at its end");
    await first.close();
    await subscribing;
    const primary = new PrimaryBackplane(relay);
    primary.start(new Told());
    primary.publish("room", "to the second");
    await settled();
    expect(told.frames).toEqual(["room from the first, at its end", "room to the second"]);
    await second.close();
    await primary.close();
    await settled();
    expect(relay.channelCount).toBe(0);
    await expect(second.publish("room", "closed")).rejects.toMatchObject({ code: "pubsub.closed" });
  });

  it("close also when the primary does not read, and settle what is pending", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const relay = new ClusterRelay();
      const { wire, backplane } = addWorker(relay);
      await settled();
      wire.toPrimary.isReading = false;
      const subscribing = backplane.subscribe("room");
      const closing = backplane.close();
      await expect(subscribing).rejects.toMatchObject({ code: "pubsub.closed" });
      await vi.advanceTimersByTimeAsync(1_000);
      await closing;
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
