import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Channel } from "../channel/channel.ts";
import { TestPeer } from "../../test/support/client.ts";
import { binaryPush } from "../../test/support/upload-client.ts";
import { Connection, type ConnectionLimits } from "./connection.ts";
import { PreparedFrame } from "./prepared-frame.ts";

const LIMITS: ConnectionLimits = {
  maxMessageBytes: 65_536,
  eventsPerSecond: 100,
  eventsBurst: 500,
  joinsPerConnection: 3,
  joinsPerSecond: 10,
  lagSoftBytes: 1_000,
  lagMs: 2_000,
  lagPingBytes: 500,
  lagPingMs: 1_000,
  maxUnsentBytes: 10_000,
  maxLagMs: 20_000,
  firstJoinMs: 10_000,
  idleMs: 60_000,
};

/** A frame of so many characters. */
function frameOf(length: number): string {
  const empty = '[null,null,"t","e",{"x":""}]';
  return empty.replace('""', `"${"x".repeat(length - empty.length)}"`);
}

/** A connection with a clock that stands still, whose joins are accepted at once. */
function open(limits: Partial<ConnectionLimits> = {}) {
  const log: string[] = [];
  const clock = { ms: 0 };
  const peer = new TestPeer();
  const channels: Channel[] = [];
  const onJoin = { run: (_channel: Channel): void => {} };
  const connection: Connection = new Connection(
    peer,
    {
      limits: { ...LIMITS, ...limits },
      now: () => clock.ms,
      recently: () => clock.ms,
      random: () => 0.5,
      join: (channel) => {
        channels.push(channel);
        channel.member = {
          receive: (event, ref, payload) => {
            log.push(`${channel.topic} got ${event} ${JSON.stringify(payload)}`);
            channel.reply(ref, "ok", "{}");
          },
          closed: () => void log.push(`${channel.topic} closed`),
          drained: () => void log.push(`${channel.topic} drained`),
        };
        onJoin.run(channel);
        channel.reply(channel.joinRef, "ok", "{}");
      },
      closed: () => void log.push("connection closed"),
      misbehaved: (_connection, what) => void log.push(`misbehaved: ${what}`),
    },
    undefined,
  );
  peer.connected = connection;
  const send = (...frame: unknown[]): void => connection.receive(JSON.stringify(frame));
  const join = (topic: string, ref: string): void => send(ref, ref, topic, "phx_join", {});
  return {
    connection,
    peer,
    log,
    clock,
    channels,
    onJoin,
    send,
    join,
    texts: () => peer.received.map(({ text }) => text),
  };
}

describe("Connection", () => {
  it("gives chunks to the channel of their upload, which do not count as events", () => {
    const { connection, join, log, peer, texts } = open({ eventsBurst: 2, eventsPerSecond: 1 });
    join("lv:a", "1");
    join("lvu:0", "2");
    for (let ref = 10; ref < 20; ref++) {
      connection.receive(binaryPush("2", String(ref), "lvu:0", "chunk", new TextEncoder().encode("abc")));
    }
    expect(log.filter((line) => line.startsWith("lvu:0 got chunk"))).toHaveLength(10);
    expect(peer.closedWith).toBeUndefined();
    // A chunk that crossed the end of its upload is told so, and counts.
    connection.receive(binaryPush("2", "20", "lvu:1", "chunk", new Uint8Array(1)));
    expect(texts().at(-1)).toBe(
      '["2","20","lvu:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]',
    );
    connection.receive(binaryPush("2", "21", "lvu:1", "chunk", new Uint8Array(1)));
    expect(peer.closedWith?.code).toBe(1008);
  });

  it("lets uploads tell their progress beyond the rate of events, and not beyond a thousand a second", () => {
    const { send, join, peer } = open({ eventsBurst: 2, eventsPerSecond: 1 });
    join("lv:a", "1");
    for (let ref = 0; ref < 1_000; ref++) send("1", String(10 + ref), "lv:a", "progress", {});
    expect(peer.closedWith).toBeUndefined();
    send("1", "5000", "lv:a", "event", {});
    expect(peer.closedWith).toBeUndefined();
    send("1", "5001", "lv:a", "progress", {});
    expect(peer.closedWith?.code).toBe(1008);
  });

  it("takes joins of uploads that are accepted beside the others, and counts those that are refused", () => {
    const { join, log, peer, onJoin, connection } = open({ joinsPerConnection: 2, joinsPerSecond: 3, eventsBurst: 6 });
    join("lv:a", "1");
    for (let upload = 0; upload < 20; upload++) join(`lvu:${upload}`, String(10 + upload));
    expect([connection.channelCount, peer.closedWith]).toEqual([21, undefined]);
    join("lv:b", "50");
    join("lv:c", "51");
    expect(log.at(-1)).toBe("misbehaved: more than 2 joined channels (limits.joinsPerConnection)");
    onJoin.run = (channel) => channel.refuse("{}");
    join("lvu:50", "52");
    expect(log).toContain("misbehaved: more joins per second than limits.joinsPerSecond allows");
    expect(peer.closedWith?.code).toBe(1008);
  });

  it("does not take a client that uploads over a slow line for one that does not read", () => {
    const { connection, join, log, clock, peer, channels } = open({ lagMs: 2_000, maxLagMs: 5_000 });
    peer.answersPings = false;
    join("lv:a", "1");
    join("lvu:0", "2");
    channels[0]!.push("diff", JSON.stringify("x".repeat(600)));
    for (let second = 1; second <= 60; second++) {
      clock.ms = second * 1_000;
      connection.receive(binaryPush("2", String(100 + second), "lvu:0", "chunk", new Uint8Array(9)));
      connection.sweep(clock.ms);
    }
    expect(peer.closedWith).toBeUndefined();
    clock.ms += 5_000;
    connection.sweep(clock.ms);
    clock.ms += 5_100;
    connection.sweep(clock.ms);
    expect(log.some((line) => line.startsWith("misbehaved: closed a client that does not read"))).toBe(true);
  });

  it("answers heartbeats", () => {
    const { send, texts } = open();
    send(null, "7", "phoenix", "heartbeat", {});
    expect(texts()).toEqual(['[null,"7","phoenix","phx_reply",{"status":"ok","response":{}}]']);
  });

  it("gives pushes to the channel of their topic, and answers those that nobody has joined", () => {
    const { send, join, log, texts } = open();
    join("lv:a", "1");
    send("1", "2", "lv:a", "event", { n: 1 });
    send("1", "3", "lv:b", "event", {});
    expect(log).toEqual(['lv:a got event {"n":1}']);
    expect(texts().at(-1)).toBe(
      '["1","3","lv:b","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]',
    );
  });

  it("closes the earlier channel of a topic that is joined anew, before the join", () => {
    const { join, send, log, texts } = open();
    join("lv:a", "1");
    join("lv:a", "4");
    send("1", "5", "lv:a", "event", {});
    expect(log).toEqual(["lv:a closed"]);
    expect(texts()).toEqual([
      '["1","1","lv:a","phx_reply",{"status":"ok","response":{}}]',
      '["1",null,"lv:a","phx_close",{}]',
      '["4","4","lv:a","phx_reply",{"status":"ok","response":{}}]',
    ]);
  });

  it("answers a leave, then closes the channel; and answers one of nothing", () => {
    const { join, send, log, texts, connection } = open();
    join("lv:a", "1");
    send("1", "2", "lv:a", "phx_leave", {});
    send("1", "3", "lv:a", "phx_leave", {});
    expect(texts().slice(1)).toEqual([
      '["1","2","lv:a","phx_reply",{"status":"ok","response":{}}]',
      '["1",null,"lv:a","phx_close",{}]',
      '["1","3","lv:a","phx_reply",{"status":"ok","response":{}}]',
    ]);
    expect(log).toEqual(["lv:a closed"]);
    expect(connection.channelCount).toBe(0);
  });

  it("ends all of its channels when it closes, and tells its owner last, once", () => {
    const { join, connection, log, peer, send } = open();
    join("lv:a", "1");
    join("lv:b", "2");
    connection.close(1001, "away");
    connection.closed();
    send(null, "7", "phoenix", "heartbeat", {});
    connection.sweep(1e9);
    connection.ponged("1");
    connection.flushed();
    connection.sendText(frameOf(30));
    expect(log).toEqual(["lv:a closed", "lv:b closed", "connection closed"]);
    expect(peer.closedWith).toEqual({ code: 1001, reason: "away" });
    expect(peer.received).toHaveLength(2);
  });
});

describe("a limit of the connection", () => {
  it("messages per second: closes with 1008, logs it, and ends what was joined", () => {
    const { send, join, log, peer, clock } = open({ eventsBurst: 3, eventsPerSecond: 2 });
    join("lv:a", "1");
    send(null, "1", "phoenix", "heartbeat", {});
    send(null, "2", "phoenix", "heartbeat", {});
    clock.ms = 500;
    send(null, "3", "phoenix", "heartbeat", {});
    expect(peer.closedWith).toBeUndefined();
    send(null, "4", "phoenix", "heartbeat", {});
    expect(peer.closedWith).toEqual({ code: 1008, reason: "policy violation" });
    expect(log).toEqual([
      "misbehaved: more messages per second than limits.eventsPerSecond allows",
      "lv:a closed",
      "connection closed",
    ]);
  });

  it.each<[what: string, fits: string | Uint8Array, passes: string | Uint8Array]>([
    ["letters", frameOf(60), frameOf(61)],
    [
      "signs of three bytes",
      frameOf(42).replace("xxxxxxxxx", "ℵℵℵℵℵℵℵℵℵ"),
      frameOf(43).replace("xxxxxxxxx", "ℵℵℵℵℵℵℵℵℵ"),
    ],
    ["bytes", new Uint8Array(60), new Uint8Array(61)],
  ])("a message's bytes, in %s: closes with 1009, logs it, and ends what was joined", (_what, fits, passes) => {
    const within = open({ maxMessageBytes: 60 });
    within.connection.receive(fits);
    expect(within.peer.closedWith?.code).not.toBe(1009);
    const { connection, join, log, peer } = open({ maxMessageBytes: 60 });
    join("lv:a", "1");
    connection.receive(passes);
    expect(peer.closedWith).toEqual({ code: 1009, reason: "message too big" });
    expect(log).toEqual([
      "misbehaved: a message of more than 60 bytes (limits.maxMessageBytes)",
      "lv:a closed",
      "connection closed",
    ]);
  });

  it("channels: refuses one more, and the others go on", () => {
    const { join, send, log, peer, texts } = open();
    for (const ref of ["1", "2", "3", "4"]) join(`lv:${ref}`, ref);
    expect(texts().at(-1)).toBe(
      '["4","4","lv:4","phx_reply",{"status":"error","response":{"reason":"too many channels joined"}}]',
    );
    expect(log).toEqual(["misbehaved: more than 3 joined channels (limits.joinsPerConnection)"]);
    send("1", "5", "lv:1", "event", {});
    expect(log).toHaveLength(2);
    expect(peer.closedWith).toBeUndefined();
    join("lv:3", "6");
    expect(texts().at(-1)).toContain('"ok"');
  });

  it("joins per second: as many at once as may be joined, then that many a second, or it is closed", () => {
    const { join, log, peer, clock } = open({ joinsPerConnection: 3, joinsPerSecond: 2 });
    for (const ref of ["1", "2", "3"]) join("lv:a", ref);
    clock.ms = 500;
    join("lv:a", "4");
    expect(peer.closedWith).toBeUndefined();
    join("lv:a", "5");
    expect(peer.closedWith?.code).toBe(1008);
    expect(log).toContain("misbehaved: more joins per second than limits.joinsPerSecond allows");
  });

  it("first join: closes what has not joined in time, and only that", () => {
    const never = open();
    never.connection.sweep(10_000);
    expect(never.peer.closedWith).toBeUndefined();
    never.connection.sweep(10_001);
    expect(never.peer.closedWith?.code).toBe(1008);
    expect(never.log[0]).toBe("misbehaved: no join within 10000 ms (limits.firstJoinMs)");
    const once = open();
    once.join("lv:a", "1");
    once.send("1", "2", "lv:a", "phx_leave", {});
    once.connection.sweep(10_001);
    expect(once.peer.closedWith).toBeUndefined();
  });

  it("idle: closes with 1001 what has been silent for so long; heartbeats and pongs are no silence", async () => {
    const { connection, peer, join, send, clock, log } = open();
    join("lv:a", "1");
    clock.ms = 50_000;
    send(null, "2", "phoenix", "heartbeat", {});
    // The peer answers the ping that went along.
    await Promise.resolve();
    connection.sweep(100_000);
    clock.ms = 100_000;
    connection.ponged("0");
    connection.sweep(160_000);
    expect(peer.closedWith).toBeUndefined();
    connection.sweep(160_001);
    expect(peer.closedWith).toEqual({ code: 1001, reason: "idle" });
    expect(log).toEqual(["lv:a closed", "connection closed"]);
  });

  it("unsent bytes: drops the connection with 1012, without a handshake that would have to wait", () => {
    const { connection, peer, join, log } = open();
    join("lv:a", "1");
    peer.bufferedAmount = 10_001;
    connection.sendText(frameOf(30));
    expect(peer.closedWith?.code).toBe(1012);
    expect(peer.isTerminated).toBe(true);
    expect(log[0]).toBe(
      "misbehaved: closed a client that does not read: 10001 bytes are unsent (limits.maxUnsentBytes)",
    );
  });

  it("unsent bytes: is noticed too when nothing is sent any more", () => {
    const { connection, peer, join } = open();
    join("lv:a", "1");
    peer.bufferedAmount = 10_001;
    connection.sweep(1);
    expect(peer.isTerminated).toBe(true);
  });

  it("unsent bytes: passed by the close of an earlier channel, mounts nothing any more", () => {
    const { join, peer, channels, onJoin, log } = open();
    join("lv:a", "1");
    onJoin.run = () => void log.push("mounted");
    peer.bufferedAmount = 10_001;
    join("lv:a", "2");
    expect(peer.isTerminated).toBe(true);
    expect(channels).toHaveLength(1);
    expect(log).not.toContain("mounted");
    expect(log.at(-1)).toBe("connection closed");
  });

  it("lag: drops with 1012 who has lagged for too long, and not before", () => {
    const { connection, peer, join, clock, log } = open();
    join("lv:a", "1");
    peer.bufferedAmount = 1_001;
    connection.sweep(1_000);
    clock.ms = 21_000;
    connection.sweep(21_000);
    expect(peer.closedWith).toBeUndefined();
    connection.sweep(21_001);
    expect(peer.closedWith?.code).toBe(1012);
    expect(log[0]).toBe("misbehaved: closed a client that does not read: it has lagged for 20001 ms (limits.maxLagMs)");
  });

  it("lag: begins anew when the client has caught up in between", () => {
    const { connection, peer, join } = open();
    join("lv:a", "1");
    peer.bufferedAmount = 1_001;
    connection.sweep(0);
    peer.bufferedAmount = 0;
    connection.sweep(15_000);
    peer.bufferedAmount = 1_001;
    connection.sweep(16_000);
    connection.sweep(30_000);
    expect(peer.closedWith).toBeUndefined();
  });
});

describe("a client that lags", () => {
  it("is pinged while frames flow, and lags until it has answered for them", () => {
    const { connection, peer, join } = open();
    peer.answersPings = false;
    join("lv:a", "1");
    connection.sendPrepared(new PreparedFrame(frameOf(600)));
    expect(peer.pings).toEqual(["1"]);
    expect(connection.isLagging()).toBe(false);
    connection.sendText(frameOf(600));
    expect(connection.isLagging()).toBe(true);
    peer.answerPing();
    expect(connection.isLagging()).toBe(false);
    expect(peer.pings).toEqual(["1", "2"]);
  });

  it("has its held channels told once it has caught up: by an answer, a flush, or the sweep", () => {
    for (const how of ["answer", "flush", "sweep"] as const) {
      const { connection, peer, join, channels, log } = open();
      peer.answersPings = false;
      join("lv:a", "1");
      if (how === "answer") connection.sendText(frameOf(1_100));
      else peer.bufferedAmount = 1_001;
      expect(connection.isLagging()).toBe(true);
      channels[0]?.hold();
      connection.flushed();
      expect(log).toEqual([]);
      if (how === "answer") peer.answerPing();
      peer.bufferedAmount = 0;
      if (how === "flush") connection.flushed();
      if (how === "sweep") connection.sweep(1);
      expect(log).toEqual(["lv:a drained"]);
      connection.flushed();
      expect(log).toEqual(["lv:a drained"]);
    }
  });

  it("has no channel told that was left meanwhile", () => {
    const { connection, peer, join, send, channels, log } = open();
    join("lv:a", "1");
    peer.bufferedAmount = 1_001;
    channels[0]?.hold();
    send("1", "2", "lv:a", "phx_leave", {});
    peer.bufferedAmount = 0;
    connection.flushed();
    expect(log).toEqual(["lv:a closed"]);
  });
});

describe("what arrives on a connection", () => {
  it.each([
    ["no JSON", "not json"],
    ["no list", "{}"],
    ["too short", '["1","1"]'],
    ["with a topic that is no text", '["1","1",5,"event",{}]'],
    ["cut", '["1","1","lv:a","event",{"a'],
    ["very deep", "[".repeat(60_000)],
    ["empty", ""],
  ])("closes with 1008 when it is %s", (_name, text) => {
    const { connection, peer, log } = open();
    connection.receive(text);
    expect(peer.closedWith).toEqual({ code: 1008, reason: "policy violation" });
    expect(log[0]).toMatch(/^misbehaved: /);
  });

  it("closes with 1008 when it is binary and no chunk of an upload", () => {
    const chunk = new Uint8Array(3);
    const hostile = [
      new Uint8Array([0, 1, 1, 4, 5]),
      new Uint8Array(),
      binaryPush("1", "2", "lv:a", "chunk", chunk),
      binaryPush("1", "2", "lvu:0", "event", chunk),
    ];
    for (const message of hostile) {
      const { connection, peer, join } = open();
      join("lv:a", "1");
      connection.receive(message);
      expect(peer.closedWith?.code).toBe(1008);
    }
  });

  it("never makes it throw, whatever it is", () => {
    const name = fc.oneof(
      fc.constantFrom("lv:a", "phoenix", "phx_join", "phx_leave", "event", "heartbeat", "1", "2"),
      fc.string(),
    );
    const frame = fc.tuple(
      fc.oneof(fc.constant(null), name, fc.jsonValue()),
      fc.oneof(fc.constant(null), name, fc.jsonValue()),
      fc.oneof(name, fc.jsonValue()),
      fc.oneof(name, fc.jsonValue()),
      fc.jsonValue(),
    );
    const text = fc.oneof(
      frame.map((parts) => JSON.stringify(parts)),
      frame.chain((parts) => fc.nat(60).map((end) => JSON.stringify(parts).slice(0, end))),
      fc.string(),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (messages) => {
        const { connection, join, log } = open();
        join("lv:a", "1");
        for (const message of messages) connection.receive(message);
        connection.sweep(1);
        connection.closed();
        // Whatever came: the channels have ended, and the owner has heard of the end exactly once, last.
        expect(connection.channelCount).toBe(0);
        expect(log.filter((line) => line === "connection closed")).toHaveLength(1);
        expect(log.at(-1)).toBe("connection closed");
      }),
    );
  });
});
