import { beforeEach, describe, expect, it } from "vitest";
import type { RedisConnection } from "./redis-connection.ts";
import { RedisSubscriptions } from "./redis-subscriptions.ts";

/** A connection that answers as told: nothing to a channel unless `answers` has it. */
class FakeConnection implements RedisConnection {
  readonly ready = Promise.resolve();
  readonly asked: string[] = [];
  readonly answers: Map<string, Error | "live">;

  constructor(answers: { readonly [channel: string]: Error | "live" }) {
    this.answers = new Map(Object.entries(answers));
  }

  subscribe(channel: string): Promise<void> {
    this.asked.push(channel);
    const answer = this.answers.get(channel);
    if (answer === undefined) return new Promise(() => {});
    return answer === "live" ? Promise.resolve() : Promise.reject(answer);
  }

  async unsubscribe(channel: string): Promise<void> {
    this.asked.push(`-${channel}`);
  }

  publish = () => Promise.resolve();
  destroy = () => Promise.resolve();
}

const noPermission = new Error("NOPERM this user has no permissions to access the channel");
const down = new Error("CLUSTERDOWN Hash slot not served");
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("RedisSubscriptions", () => {
  let log: string[];
  let subscriptions: RedisSubscriptions;
  beforeEach(() => {
    log = [];
    subscriptions = new RedisSubscriptions({
      restored: () => log.push("restored"),
      refused: (channel) => log.push(`refused ${channel}`),
      readmitted: (channel) => log.push(`readmitted ${channel}`),
    });
  });
  const want = (...channels: readonly string[]) => {
    for (const channel of channels) {
      subscriptions.subscribe(channel).then(
        () => log.push(`live ${channel}`),
        (error: unknown) => log.push(`${channel}: ${String(error)}`),
      );
    }
  };

  it("asks for everything at once when a connection comes up, and tells when all is there", async () => {
    want("a", "b");
    const connection = new FakeConnection({ a: "live", b: "live" });
    subscriptions.attach(connection);
    expect(connection.asked).toEqual(["a", "b"]);
    await settle();
    expect(log.toSorted()).toEqual(["live a", "live b", "restored"]);
  });

  it("is restored at once when nothing is wanted, and does not wait for what is wanted later", async () => {
    subscriptions.attach(new FakeConnection({}));
    want("unanswered");
    expect(log).toEqual(["restored"]);
  });

  it("rejects the channel that is refused, and only that", async () => {
    want("a", "forbidden", "b");
    const connection = new FakeConnection({ a: "live", forbidden: noPermission, b: "live" });
    subscriptions.attach(connection);
    await settle();
    expect(log.toSorted()).toEqual([
      `forbidden: LiveError: Redis says ${noPermission.message}`,
      "live a",
      "live b",
      "restored",
    ]);
    const next = new FakeConnection({ a: "live", b: "live" });
    subscriptions.detach();
    subscriptions.attach(next);
    expect(next.asked).toEqual(["a", "b"]);
  });

  it("keeps a channel that was live and is refused now: reports it once, asks again, and tells when it is back", async () => {
    want("a", "b");
    subscriptions.attach(new FakeConnection({ a: "live", b: "live" }));
    await settle();
    log.length = 0;
    subscriptions.detach();
    const connection = new FakeConnection({ a: "live", b: noPermission });
    subscriptions.attach(connection);
    await settle();
    expect(log).toEqual(["refused b", "restored"]);
    subscriptions.askAgain(9_999);
    expect(connection.asked).toEqual(["a", "b"]);
    subscriptions.askAgain(10_000);
    await settle();
    expect(connection.asked).toEqual(["a", "b", "b"]);
    expect(log).toEqual(["refused b", "restored"]);
    connection.answers.set("b", "live");
    subscriptions.askAgain(20_000);
    await settle();
    expect(log).toEqual(["refused b", "restored", "readmitted b"]);
  });

  it("waits for a channel that cannot be served now, before it is restored", async () => {
    want("a", "b");
    const connection = new FakeConnection({ a: "live", b: down });
    subscriptions.attach(connection);
    await settle();
    expect(log).toEqual(["live a"]);
    connection.answers.set("b", "live");
    subscriptions.askAgain(499);
    expect(connection.asked).toEqual(["a", "b"]);
    subscriptions.askAgain(500);
    await settle();
    expect(log).toEqual(["live a", "restored", "live b"]);
  });

  it("is restored when what was missing is let go of", async () => {
    want("a", "b");
    subscriptions.attach(new FakeConnection({ a: "live" }));
    await settle();
    await subscriptions.unsubscribe("b");
    await settle();
    expect(log).toEqual(["live a", "restored", "b: LiveError: it was let go of before Redis had answered"]);
  });

  it("takes no notice of what an earlier connection answers late", async () => {
    want("a");
    let answerLate: () => void = () => {};
    const slow = new FakeConnection({});
    slow.subscribe = () => new Promise<void>((resolve) => (answerLate = resolve));
    subscriptions.attach(slow);
    subscriptions.detach();
    answerLate();
    await settle();
    expect(log).toEqual([]);
    subscriptions.attach(new FakeConnection({ a: "live" }));
    await settle();
    expect(log.toSorted()).toEqual(["live a", "restored"]);
  });

  it("asks anew for a channel that is let go of and wanted again before the server knew of either", async () => {
    want("a");
    const connection = new FakeConnection({ a: "live" });
    subscriptions.attach(connection);
    const gone = subscriptions.unsubscribe("a");
    want("a");
    await gone;
    await settle();
    expect(connection.asked).toEqual(["a", "-a", "a"]);
    expect(log).toContain("live a");
  });

  it("rejects what waits when it is closed", async () => {
    want("a", "b");
    subscriptions.close(new Error("closed"));
    await settle();
    expect(log).toEqual(["a: Error: closed", "b: Error: closed"]);
  });
});
