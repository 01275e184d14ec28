import { describe, expect, it } from "vitest";
import { IpcOutbox } from "./ipc-outbox.ts";

/** A line whose reader decides when it reads. */
function slowLine() {
  const sent: unknown[] = [];
  let read = (): void => {};
  const outbox = new IpcOutbox(
    {
      send: (message, done) => {
        sent.push(message);
        read = () => done();
      },
    },
    1,
  );
  return { outbox, sent, read: () => read() };
}

const HALF_A_MEGABYTE = "x".repeat(512 * 1024);

describe("what waits for a process that does not read", () => {
  it("asks its sender to wait beyond a megabyte, until half of it is gone", async () => {
    const { outbox, read } = slowLine();
    outbox.addFrame("room", "first");
    await Promise.resolve();
    expect(outbox.addFrame("room", HALF_A_MEGABYTE)).toBe(true);
    expect(outbox.addFrame("room", HALF_A_MEGABYTE)).toBe(true);
    expect(outbox.room()).toBeUndefined();
    expect(outbox.addFrame("room", "one more")).toBe(true);
    const room = outbox.room();
    expect(room).toBeInstanceOf(Promise);
    expect(outbox.room()).toBe(room);
    let isMade = false;
    void room?.then(() => (isMade = true));
    await Promise.resolve();
    expect(isMade).toBe(false);
    read();
    await room;
    expect(outbox.room()).toBeUndefined();
  });

  it("lets nobody wait for a line that was closed", async () => {
    const { outbox } = slowLine();
    outbox.addFrame("room", "first");
    await Promise.resolve();
    for (let count = 0; count < 3; count++) outbox.addFrame("room", HALF_A_MEGABYTE);
    const room = outbox.room();
    outbox.close();
    await room;
    expect(outbox.room()).toBeUndefined();
  });
});
