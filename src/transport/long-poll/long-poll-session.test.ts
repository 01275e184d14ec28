import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PreparedFrame } from "../prepared-frame.ts";
import { LongPollSession, type PollOutcome } from "./long-poll-session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WINDOW_MS = 10_000;

function open() {
  const log: string[] = [];
  const session = new LongPollSession({
    visitor: "ada",
    remoteAddress: "192.0.2.7",
    windowMs: WINDOW_MS,
    onEnd: () => void log.push("ended"),
  });
  session.connect({
    receive: (data) => void log.push(typeof data === "string" ? data : `bytes ${data.join(" ")}`),
    tooLarge: () => {},
    ponged: (payload) => void log.push(`pong ${payload}`),
    flushed: () => {},
    closed: () => void log.push("connection closed"),
  });
  return { session, log };
}

const messages = (sequence: number, text: string): PollOutcome => ({ type: "messages", sequence, messages: text });
/** What has become of a poll by now: "waits", or its outcome. */
async function now(poll: PollOutcome | Promise<PollOutcome>): Promise<PollOutcome | "waits"> {
  await vi.advanceTimersByTimeAsync(0);
  return Promise.race([poll, Promise.resolve("waits" as const)]);
}

describe("a long-polling session", () => {
  it("gives what was sent since the last poll, in order, as JSON strings", async () => {
    const { session } = open();
    session.sendText('["1"]');
    session.sendPrepared(new PreparedFrame('["2"]'));
    expect(session.poll(0)).toEqual(messages(1, '"[\\"1\\"]","[\\"2\\"]"'));
  });

  it("answers a poll that waits once the turn of the event loop is over, with all that it has said", async () => {
    const { session } = open();
    const poll = session.poll(0);
    session.sendText("a");
    session.sendText("b");
    expect(await now(poll)).toEqual(messages(1, '"a","b"'));
  });

  it("quotes a frame for many once", () => {
    const frame = new PreparedFrame('["shared"]');
    const sessions = [open().session, open().session];
    for (const session of sessions) session.sendPrepared(frame);
    expect(frame.quoted).toBe('"[\\"shared\\"]"');
    frame.quoted = '"reused"';
    for (const session of sessions) session.sendPrepared(frame);
    for (const session of sessions)
      expect(session.poll(0)).toMatchObject({ messages: expect.stringMatching(/"reused"$/) });
  });

  it("answers with nothing after its window, and goes on with the same number", async () => {
    const { session } = open();
    const poll = session.poll(0);
    await vi.advanceTimersByTimeAsync(WINDOW_MS - 1);
    expect(await now(poll)).toBe("waits");
    await vi.advanceTimersByTimeAsync(1);
    expect(await now(poll)).toEqual({ type: "nothing", sequence: 0 });
    session.sendText("a");
    expect(session.poll(0)).toEqual(messages(1, '"a"'));
  });

  it("gives a poll that comes twice the same frames, until the next one says that they arrived", () => {
    const { session } = open();
    session.sendText("a");
    expect(session.poll(0)).toEqual(messages(1, '"a"'));
    session.sendText("b");
    expect(session.poll(0)).toEqual(messages(1, '"a"'));
    expect(session.poll(1)).toEqual(messages(2, '"b"'));
    expect(session.poll(0)).toEqual({ type: "outdated" });
    expect(session.poll(3)).toEqual({ type: "outdated" });
    expect(session.poll(1)).toEqual(messages(2, '"b"'));
  });

  it("lets the later of two polls wait, and answers the other with nothing", async () => {
    const { session } = open();
    const first = session.poll(0);
    const second = session.poll(0);
    expect(await now(first)).toEqual({ type: "nothing", sequence: 0 });
    session.sendText("a");
    expect(await now(second)).toEqual(messages(1, '"a"'));
  });

  it("keeps what comes after a poll was given up for the next one", async () => {
    const { session } = open();
    const request = new AbortController();
    const poll = session.poll(0, request.signal);
    request.abort();
    expect(await now(poll)).toEqual({ type: "nothing", sequence: 0 });
    session.sendText("a");
    expect(session.poll(0)).toEqual(messages(1, '"a"'));
    expect(await now(open().session.poll(0, AbortSignal.abort()))).toEqual({ type: "nothing", sequence: 0 });
  });

  it("loses and repeats nothing, whichever answers are lost and asked for again", async () => {
    const step = fc.oneof(
      fc.constant("send" as const),
      fc.constant("poll" as const),
      fc.constant("poll, and the answer is lost" as const),
      fc.constant("a moment passes" as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { session } = open();
        const got: string[] = [];
        let sent = 0;
        let sequence = 0;
        const poll = async (arrives: boolean): Promise<void> => {
          const request = new AbortController();
          const outcome = await now(session.poll(sequence, request.signal));
          request.abort();
          if (!arrives || outcome === "waits" || outcome.type !== "messages") return;
          sequence = outcome.sequence;
          got.push(...(JSON.parse(`[${outcome.messages}]`) as string[]));
        };
        for (const what of steps) {
          if (what === "send") session.sendText(String(sent++));
          else if (what === "a moment passes") await vi.advanceTimersByTimeAsync(1);
          else await poll(what === "poll");
        }
        await poll(true);
        await poll(true);
        expect(got).toEqual(Array.from({ length: sent }, (_, index) => String(index)));
        session.terminate();
      }),
      { numRuns: 50 },
    );
  });
});

describe("what has arrived, as the connection sees it", () => {
  it("is known from the next poll: it answers the ping behind the frames, and tells that the client is there", async () => {
    const { session, log } = open();
    session.sendText("a");
    session.ping("7");
    void session.poll(0);
    expect(log).toEqual(["pong "]);
    session.sendText("b");
    void session.poll(1);
    expect(log).toEqual(["pong ", "pong 7"]);
    void session.poll(2);
    expect(log).toEqual(["pong ", "pong 7", "pong "]);
  });

  it("is not known from a poll that asks again", () => {
    const { session, log } = open();
    session.sendText("a");
    session.ping("7");
    void session.poll(0);
    void session.poll(0);
    expect(log).toEqual(["pong "]);
  });

  it("counts as unsent what nobody has asked for, with the answer before it", async () => {
    const { session } = open();
    expect(session.bufferedAmount).toBe(0);
    const poll = session.poll(0);
    session.sendText("x".repeat(1_000));
    expect(session.bufferedAmount).toBe(0);
    await now(poll);
    expect(session.bufferedAmount).toBe(0);
    session.sendText("y");
    expect(session.bufferedAmount).toBe(1_005);
    void session.poll(1);
    expect(session.bufferedAmount).toBe(0);
  });
});

describe("frames of the client", () => {
  it("are text, or bytes in base64", () => {
    const { session, log } = open();
    expect(session.receive(['["1","2","t","e",{}]', "AAEC"])).toBe(true);
    expect(log).toEqual(['["1","2","t","e",{}]', "bytes 0 1 2"]);
  });

  it("that come twice are dropped, also after others", () => {
    const { session, log } = open();
    const frame = (ref: number): string => `["1","${ref}","t","e",{}]`;
    const batch = Array.from({ length: 100 }, (_, ref) => frame(ref));
    session.receive(batch);
    session.receive([frame(100)]);
    session.receive(batch);
    expect(log).toEqual([...batch, frame(100)]);
  });

  it("are not taken once the session has ended", () => {
    const { session, log } = open();
    session.terminate();
    expect(session.receive(["[]"])).toBe(false);
    expect(log).toEqual(["ended"]);
  });
});

describe("the end of a session", () => {
  it("comes one and a half windows after its last poll", async () => {
    const { session, log } = open();
    await vi.advanceTimersByTimeAsync(14_999);
    const poll = session.poll(0);
    await vi.advanceTimersByTimeAsync(WINDOW_MS);
    expect(await now(poll)).toEqual({ type: "nothing", sequence: 0 });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(log).toEqual(["pong "]);
    await vi.advanceTimersByTimeAsync(1);
    expect(log).toEqual(["pong ", "ended", "connection closed"]);
    expect(session.poll(0)).toEqual({ type: "gone" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("comes three seconds after its client gave a poll up, unless it polls again", async () => {
    const { session, log } = open();
    const giveUp = async (): Promise<void> => {
      const request = new AbortController();
      const poll = session.poll(0, request.signal);
      request.abort();
      await poll;
    };
    await giveUp();
    await vi.advanceTimersByTimeAsync(2_999);
    const again = session.poll(0);
    await vi.advanceTimersByTimeAsync(WINDOW_MS);
    expect(await now(again)).toEqual({ type: "nothing", sequence: 0 });
    await giveUp();
    await vi.advanceTimersByTimeAsync(2_999);
    expect(log).not.toContain("ended");
    await vi.advanceTimersByTimeAsync(1);
    expect(log.slice(-2)).toEqual(["ended", "connection closed"]);
  });

  it("does not come because of a poll that another has taken the place of", async () => {
    const { session, log } = open();
    const first = new AbortController();
    void session.poll(0, first.signal);
    const second = session.poll(0);
    first.abort();
    await vi.advanceTimersByTimeAsync(5_000);
    session.sendText("a");
    expect(await now(second)).toEqual(messages(1, '"a"'));
    expect(log).not.toContain("ended");
  });

  it("by a close gives the client what was sent before, then tells it to begin another", async () => {
    const { session, log } = open();
    session.sendText("last words");
    session.close();
    session.sendText("too late");
    expect(session.poll(0)).toEqual(messages(1, '"last words"'));
    expect(log).not.toContain("ended");
    expect(session.poll(1)).toEqual({ type: "gone" });
    expect(log).toContain("ended");
  });

  it("by a close answers a poll that waits at once", async () => {
    const { session, log } = open();
    const poll = session.poll(0);
    session.close();
    expect(await now(poll)).toEqual({ type: "gone" });
    expect(log).toEqual(["pong ", "ended"]);
    const other = open();
    const waiting = other.session.poll(0);
    other.session.sendText("last words");
    other.session.close();
    expect(await now(waiting)).toEqual(messages(1, '"last words"'));
    expect(other.session.poll(1)).toEqual({ type: "gone" });
  });

  it("by a termination takes everything with it, once", async () => {
    const { session, log } = open();
    const poll = session.poll(0);
    session.sendText("never read");
    session.terminate();
    session.terminate();
    session.close();
    expect(await now(poll)).toEqual({ type: "gone" });
    expect(log).toEqual(["pong ", "ended"]);
    expect([session.bufferedAmount, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
