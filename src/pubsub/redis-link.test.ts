import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RedisConnection, RedisConnectionEvents } from "./redis-connection.ts";
import { RedisLink } from "./redis-link.ts";

/** A connection that comes up, fails and is lost as told. */
class FakeConnection implements RedisConnection {
  readonly events: RedisConnectionEvents;
  isDestroyed = false;
  up: () => void = () => {};
  fail: (error: Error) => void = () => {};
  readonly ready = new Promise<void>((resolve, reject) => ([this.up, this.fail] = [resolve, reject]));

  constructor(events: RedisConnectionEvents) {
    this.events = events;
  }

  async destroy(): Promise<void> {
    this.isDestroyed = true;
  }

  publish = () => Promise.resolve();
  subscribe = () => Promise.resolve();
  unsubscribe = () => Promise.resolve();
}

describe("RedisLink", () => {
  let dialled: FakeConnection[];
  let log: string[];
  let link: RedisLink;
  const dial = (events: RedisConnectionEvents) => {
    const connection = new FakeConnection(events);
    dialled.push(connection);
    return connection;
  };
  const latest = () => {
    const connection = dialled.at(-1);
    if (connection === undefined) throw new Error("nothing was dialled");
    return connection;
  };
  const comeUp = async () => {
    latest().up();
    await vi.advanceTimersByTimeAsync(0);
  };
  const make = (dialRedis: (events: RedisConnectionEvents) => RedisConnection) =>
    new RedisLink(dialRedis, 2_000, {
      frame: (channel, frame) => log.push(`${channel}: ${frame}`),
      up: () => log.push("up"),
      down: (error) => log.push(`down: ${error.message}`),
      failed: (error) => log.push(`failed: ${error.message}`),
    });

  beforeEach(() => {
    vi.useFakeTimers();
    [dialled, log] = [[], []];
    link = make(dial);
  });
  afterEach(async () => {
    await link.close();
    vi.useRealTimers();
  });

  it("dials another when the connection is lost, and destroys the old one", async () => {
    link.start();
    expect(link.connection).toBeUndefined();
    await comeUp();
    expect(link.connection).toBe(latest());
    const [first] = dialled;
    first?.events.lost(new Error("closed"));
    first?.events.lost(new Error("closed, said again"));
    expect(first?.isDestroyed).toBe(true);
    expect(link.connection).toBeUndefined();
    await vi.advanceTimersByTimeAsync(50);
    expect(dialled).toHaveLength(2);
    await comeUp();
    expect(log).toEqual(["up", "down: closed", "up"]);
  });

  it("goes on dialling while there is no server, at least every second", async () => {
    link.start();
    for (let failure = 0; failure < 10; failure++) {
      latest().fail(new Error("ECONNREFUSED"));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(dialled).toHaveLength(11);
    expect(log).toEqual(Array.from({ length: 10 }, () => "failed: ECONNREFUSED"));
    expect(dialled.slice(0, 10).every(({ isDestroyed }) => isDestroyed)).toBe(true);
  });

  it("waits longer from loss to loss, and short again after a connection that lasted", async () => {
    link.start();
    for (let loss = 0; loss < 6; loss++) {
      await comeUp();
      latest().events.lost(new Error("closed"));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    await comeUp();
    latest().events.lost(new Error("closed"));
    const count = dialled.length;
    await vi.advanceTimersByTimeAsync(499);
    expect(dialled).toHaveLength(count);
    await vi.advanceTimersByTimeAsync(501);
    await comeUp();
    await vi.advanceTimersByTimeAsync(2_000);
    latest().events.lost(new Error("closed"));
    await vi.advanceTimersByTimeAsync(50);
    expect(dialled).toHaveLength(count + 2);
  });

  it("gives up a connection that is not up in time", async () => {
    link.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(latest().isDestroyed).toBe(true);
    expect(log).toEqual(["failed: there was no answer within 2000 ms"]);
    await comeUp();
    expect(log).toHaveLength(1);
  });

  it("replaces a connection that is up, and leaves one alone that is being made", async () => {
    link.start();
    link.replace(new Error("too early"));
    expect(latest().isDestroyed).toBe(false);
    await comeUp();
    link.replace(new Error("carried nothing"));
    expect(log).toEqual(["up", "down: carried nothing"]);
    await vi.advanceTimersByTimeAsync(50);
    expect(dialled).toHaveLength(2);
  });

  it("passes on frames of the present connection only", async () => {
    link.start();
    await comeUp();
    const [first] = dialled;
    first?.events.frame("room", "one");
    first?.events.lost(new Error("closed"));
    first?.events.frame("room", "too late");
    expect(log).toEqual(["up", "room: one", "down: closed"]);
  });

  it("reports a dial that throws, and tries again", async () => {
    let tries = 0;
    link = make((events) => {
      if (++tries === 1) throw new TypeError("Invalid URL");
      return dial(events);
    });
    link.start();
    expect(log).toEqual(["failed: Invalid URL"]);
    await vi.advanceTimersByTimeAsync(50);
    expect(dialled).toHaveLength(1);
  });

  it("leaves nothing when it is closed: no connection, no timer, no event", async () => {
    link.start();
    await comeUp();
    await link.close();
    expect(latest().isDestroyed).toBe(true);
    latest().events.lost(new Error("closed"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(dialled).toHaveLength(1);
    expect(log).toEqual(["up"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
