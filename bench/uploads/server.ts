/** Takes one file after the other onto the disk, and removes each when all of it is there. */
import { createWriteStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createLiveApp, createLiveView, html, liveFileInput, type LiveUpload } from "wingbeat";
import { serve } from "wingbeat/serve";
import { WebSocketServer } from "ws";
import { freePort } from "../free-port.ts";
import { serveCommands } from "../rpc.ts";
import type { Kind, UploadServerCommands } from "./commands.ts";

const directory = await mkdtemp(join(tmpdir(), "wingbeat-bench-uploads-"));
process.on("exit", () => void rm(directory, { recursive: true, force: true }));
let [before, highest, cpuBefore] = [0, 0, 0];
setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 5);

const servers: Readonly<Record<Kind, () => Promise<number>>> = {
  wingbeat: async () => {
    const port = await freePort();
    const view = createLiveView<{ file: LiveUpload }, { type: "check" | "save" }>({
      mount: (socket) => socket.allowUpload("file", { accept: "any", maxFileSize: 1e12 }),
      handleEvent: async (event, socket) => {
        if (event.type === "save") await socket.consumeUploadedEntries("file", (file) => file.size);
      },
      render: ({ file }) => html`<form phx-change="check" phx-submit="save">${liveFileInput({ upload: file })}</form>`,
    });
    const app = createLiveApp({
      secret: "a secret for benchmarks that is long enough",
      origins: [`http://127.0.0.1:${port}`],
      routes: { "/": view },
      uploads: { directory },
      limits: { uploadBytesPerConnection: 1e12, maxUploadBytes: 1e12 },
    });
    await serve(app, { port, hostname: "127.0.0.1" });
    return port;
  },
  "bare ws": () => {
    const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    sockets.on("connection", async (client) => {
      const path = join(directory, "bare");
      const file = await open(path, "w");
      client.on("message", async (chunk: Buffer) => {
        await file.write(chunk);
        client.send("ok");
      });
      client.on("close", async () => {
        await file.close();
        await rm(path);
      });
      client.send("ready");
    });
    return new Promise((resolve) => {
      // A server that listens on a port has an address object (ws, server.address).
      sockets.on("listening", () => resolve((sockets.address() as AddressInfo).port));
    });
  },
  "HTTP PUT": () => {
    const server = createServer(async (request, response) => {
      const path = join(directory, "put");
      await pipeline(request, createWriteStream(path));
      response.end("stored");
      await rm(path);
    });
    return new Promise((resolve) => {
      // Likewise (node:net, server.address).
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  },
};

serveCommands<UploadServerCommands>({
  listen: async ({ kind }) => ({ port: await servers[kind]() }),
  watch: async () => {
    globalThis.gc?.();
    before = highest = process.memoryUsage.rss();
    cpuBefore = cpuSeconds();
  },
  seen: async () => ({ grownBytes: highest - before, cpuSeconds: cpuSeconds() - cpuBefore }),
});

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
