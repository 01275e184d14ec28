import { describe, expect, it, onTestFinished } from "vitest";
import { LiveError } from "../errors.ts";
import { BackplanePubSub } from "./backplane-pubsub.ts";
import { FailedBroadcasts } from "./failed-broadcasts.ts";
import { SingleProcessPubSub } from "./single-process-pubsub.ts";

const failure = (): LiveError => new LiveError("pubsub.unreachable", "It did not arrive.");

/** Rejections that nobody handled, from now until the test is over. */
function unhandled(): unknown[] {
  const found: unknown[] = [];
  const note = (reason: unknown): void => void found.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  return found;
}

/** Rejections are counted as unhandled after the microtasks of a turn. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a broadcast that fails and that nobody waits for", () => {
  it("is reported, and does not end the process, when the backplane is away", async () => {
    const found = unhandled();
    const reported: string[] = [];
    const pubSub = new BackplanePubSub(
      {
        start: () => {},
        publish: () => Promise.reject(new Error("nobody is there")),
        subscribe: () => Promise.resolve(),
        unsubscribe: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
      { onError: ({ code }) => void reported.push(code) },
    );
    void pubSub.broadcast("room", { type: "said" });
    await nextTurn();
    expect(reported).toEqual(["pubsub.unreachable"]);
    expect(found).toEqual([]);
    await pubSub.close();
    void pubSub.broadcast("room", { type: "said" });
    await nextTurn();
    expect(found).toEqual([]);
  });

  it("is reported, and does not end the process, when a visitor chose a topic that is none", async () => {
    const found = unhandled();
    const reported: string[] = [];
    const pubSub = new SingleProcessPubSub({ isolated: true, onError: ({ code }) => void reported.push(code) });
    void pubSub.broadcast("", { type: "said" });
    await nextTurn();
    expect(reported).toEqual(["topic.invalid"]);
    expect(found).toEqual([]);
  });

  it("still rejects for who does wait", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true, onError: () => {} });
    await expect(pubSub.broadcast("", {})).rejects.toMatchObject({ code: "topic.invalid" });
  });

  it("is reported at once, then every ten seconds with the count of those between", () => {
    let now = 0;
    const reported: string[] = [];
    const failed = new FailedBroadcasts(
      ({ message }) => void reported.push(message),
      () => now,
    );
    for (now = 0; now <= 20_000; now += 2_500) {
      const error = failure();
      failed.handle(Promise.reject(error), error, "room");
    }
    expect(reported).toEqual([
      "It did not arrive.",
      "It did not arrive. (3 more broadcasts have failed since the last report.)",
      "It did not arrive. (3 more broadcasts have failed since the last report.)",
    ]);
  });
});
