// A server that takes files of any size, and tells its memory. By `kill -9` it leaves what it had.

import { createLiveApp, createLiveView, html, liveFileInput, type LiveUpload } from "wingbeat";
import { serve } from "wingbeat/serve";

let [highest, before] = [0, 0];
const measure = (): void => {
  const { rss } = process.memoryUsage();
  highest = Math.max(highest, rss);
};
setInterval(measure, 5);

process.on("message", (order) => {
  if (order === "begin") {
    globalThis.gc?.();
    before = highest = process.memoryUsage().rss;
  }
  measure();
  process.send?.({ growth: highest - before });
});

const view = createLiveView<{ file: LiveUpload; size: number }, { type: "check" } | { type: "save" }>({
  initial: { size: 0 },
  mount: (socket) => socket.allowUpload("file", { accept: "any", maxFileSize: 10_000_000_000 }),
  handleEvent: async (event, socket) => {
    if (event.type !== "save") return;
    const [size = 0] = await socket.consumeUploadedEntries("file", (file) => file.size);
    socket.assign({ size });
  },
  render: ({ file, size }) => html`<form phx-change="check">${liveFileInput({ upload: file })}</form><p>${size}</p>`,
});

const app = createLiveApp({
  secret: "a secret of the tests, long enough to sign",
  routes: { "/": view },
  uploads: { directory: process.env["UPLOADS"], leftoverAgeMs: 0 },
  limits: { uploadBytesPerConnection: 10_000_000_000, maxUploadBytes: 10_000_000_000 },
});
const server = await serve(app, { port: 0 });
process.send?.({ url: server.url });
