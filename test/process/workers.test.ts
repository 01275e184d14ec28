import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createLiveApp, createLiveView, html } from "wingbeat";
import { serve } from "wingbeat/serve";
import { isAlive } from "../support/is-alive.ts";
import { NetworkClient } from "../support/network-client.ts";
import { lastCount, PATIENT, pidOf, Program } from "./workers-program.ts";

describe("serve with workers that all live", () => {
  let program: Program;
  let end = async (): Promise<void> => {};
  beforeAll(async () => {
    program = await Program.start({}, (last) => (end = last));
  });
  afterAll(() => end());

  it("serves one app by all of them: pages of one join at another, and a broadcast reaches the views of all", async () => {
    const clients = await program.clients(2);
    await expect.poll(() => new Set(program.workers), PATIENT).toEqual(new Set(clients.map(pidOf)));
    const [ada, grace] = clients;
    await ada?.event("all");
    for (const client of clients) await client.until(() => lastCount(client) === "1" || client === ada);
    // What it has broadcast itself is handled before its next event, as within one process.
    await ada?.event("all");
    await grace?.until(() => lastCount(grace) === "2");
  });

  it("makes pages that each worker takes for those of the same start, or they would reload in development", async () => {
    const clients = await program.clients(2);
    const html = await (await fetch(program.url)).text();
    const bootId = /event === "boot" && payload\.id !== "([^"]+)"/.exec(html)?.[1];
    for (const client of clients) {
      await client.until(() => client.frames.some(([, , , event]) => event === "boot"));
      const boot = client.frames.find(([, , , event]) => event === "boot");
      expect(boot?.[4]).toEqual({ id: bootId });
    }
  });

  it("lets the primary take part, with what was subscribed before it was one", async () => {
    const clients = await program.clients(2);
    await clients[0]?.event("ask-primary");
    for (const client of clients) await client.until(() => lastCount(client) !== undefined);
    expect(clients.map(lastCount)).toEqual(["1", "1"]);
  });
});

describe("serve with workers", () => {
  it("replaces a worker that was killed; the pages of the others do not notice, and a page of it joins another", async () => {
    const program = await Program.start();
    const [victim, other] = await program.clients(2);
    if (victim === undefined || other === undefined) throw new Error("There are two.");
    const { page } = victim;
    victim.webSocket.send(
      JSON.stringify(["1", "99", "lv:phx-main", "event", { type: "click", event: "crash", value: {} }]),
    );
    await victim.closed;
    const again = await NetworkClient.open(page);
    onTestFinished(() => again.webSocket.terminate());
    expect((await again.join()).status).toBe("ok");
    await expect.poll(() => program.workers.length, PATIENT).toBe(3);
    const clients = [other, again, ...(await program.clients(2))];
    await other.event("all");
    for (const client of clients.slice(1)) await client.until(() => lastCount(client) === "1");
    expect(program.output).toContain("a worker ended by SIGKILL; another one starts in 100 ms.");
    expect(other.frames.some(([, , , event]) => event === "phx_error")).toBe(false);
  });

  it("keeps its port, though any was asked for, when its only worker is replaced", async () => {
    const program = await Program.start({ WORKERS: "1" });
    const [client] = await program.clients(1);
    if (client === undefined) throw new Error("There is one.");
    process.kill(pidOf(client), "SIGKILL");
    await client.closed;
    await expect.poll(() => program.workers.length, PATIENT).toBe(2);
    const [again] = await program.clients(1);
    expect(program.workers[1]).toBe(again && pidOf(again));
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "stops gracefully on %s: 1012 for every client, then all end",
    async (signal) => {
      const program = await Program.start();
      const clients = await program.clients(2);
      program.child.kill(signal);
      expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual([1012, 1012]);
      expect(await program.exit).toEqual([0, null]);
      expect(program.workers.map(isAlive)).toEqual([false, false]);
      expect(program.output).not.toContain("a worker ended");
    },
  );

  it("replaces a worker that was told to stop, once that has sent its clients elsewhere", async () => {
    const program = await Program.start();
    const [client] = await program.clients(2);
    if (client === undefined) throw new Error("There are two.");
    process.kill(pidOf(client), "SIGTERM");
    expect(await client.closed).toBe(1012);
    await expect.poll(() => program.workers.length, PATIENT).toBe(3);
    expect(program.output).toContain("a worker ended with code 0");
  });

  it("kills a worker that does not end, after the time that stopping may take", async () => {
    const program = await Program.start({ FAULT: "stubborn" });
    program.child.kill("SIGTERM");
    expect(await program.exit).toEqual([0, null]);
    expect(program.workers.map(isAlive)).toEqual([false, false]);
  });

  it("leaves no worker behind when the primary is killed", async () => {
    const program = await Program.start();
    await expect.poll(() => program.workers.map(isAlive), PATIENT).toEqual([true, true]);
    program.child.kill("SIGKILL");
    await program.exit;
    await expect.poll(() => program.workers.map(isAlive), PATIENT).toEqual([false, false]);
  });

  it.each([
    ["throws", "refused serve.worker-failed", "a mistake at the start"],
    ["does-not-serve", "refused serve.worker-failed", "ended with code 0 before it listened"],
    ["single-process", "refused serve.worker-failed", 'import { createPubSub } from "wingbeat";'],
  ])("refuses to start when a worker %s, and says why", async (fault, refusal, why) => {
    const program = new Program({ FAULT: fault });
    expect(await program.exit).toEqual([1, null]);
    expect(program.output).toContain(refusal);
    expect(program.output).toContain(why);
  });

  it("rejects when its port is taken, as without workers", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const address = taken.address();
    if (address === null || typeof address === "string") throw new Error("It listens on a port.");
    const program = new Program({ TEST_PORT: String(address.port) });
    expect(await program.exit).toEqual([1, null]);
    expect(program.output).toContain("refused EADDRINUSE");
  });

  it.each([0, -1, 1.5, Number.NaN])("does not take %d for a number of workers", async (workers) => {
    const app = createLiveApp({ routes: { "/": createLiveView({ render: () => html`<p></p>` }) } });
    await expect(serve(app, { port: 0, workers, signals: false })).rejects.toMatchObject({
      code: "serve.invalid-option",
    });
  });
});
