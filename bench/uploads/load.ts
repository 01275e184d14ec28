/** Sends files as browsers do: by one request, or in chunks of which the next one follows the answer to the last. */
import { once } from "node:events";
import { request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { WebSocket } from "ws";
import { serveCommands } from "../rpc.ts";
import { CHUNK_BYTES, type Kind, type UploadLoadCommands } from "./commands.ts";

const zeros = Buffer.alloc(CHUNK_BYTES);

function* chunksOf(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) yield zeros.subarray(0, Math.min(CHUNK_BYTES, bytes - sent));
}

const senders: Readonly<Record<Kind, (port: number, bytes: number) => Promise<void>>> = {
  wingbeat: sendToView,
  "bare ws": async (port, bytes) => {
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(client, "message");
    for (const chunk of chunksOf(bytes)) {
      client.send(chunk);
      await once(client, "message");
    }
    client.close();
  },
  "HTTP PUT": async (port, bytes) => {
    const put = request({ host: "127.0.0.1", port, method: "PUT", headers: { "content-length": bytes } });
    const answered = once(put, "response");
    await pipeline(Readable.from(chunksOf(bytes)), put);
    await answered;
  },
};

async function sendToView(port: number, bytes: number): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const page = await fetch(`${origin}/`);
  const markup = await page.text();
  const find = (pattern: RegExp): string => pattern.exec(markup)?.[1] ?? "";
  const cookie = page.headers
    .getSetCookie()
    .map((header) => header.split(";", 1)[0])
    .join("; ");
  const client = new WebSocket(`${origin.replace("http", "ws")}/live/websocket?vsn=2.0.0`, {
    origin,
    headers: { cookie },
  });
  await once(client, "open");
  const answers = new Map<string, (response: { readonly [name: string]: unknown }) => void>();
  client.on("message", (data: Buffer) => {
    const [, ref, , event, payload] = JSON.parse(data.toString()) as [
      string,
      string,
      string,
      string,
      { status: string; response: { readonly [name: string]: unknown } },
    ];
    if (event !== "phx_reply") return;
    if (payload.status !== "ok") throw new Error(`refused: ${data.toString()}`);
    answers.get(ref)?.(payload.response);
    answers.delete(ref);
  });
  let lastRef = 0;
  const ask = (send: (ref: string) => string | Buffer): Promise<{ readonly [name: string]: unknown }> =>
    new Promise((resolve) => {
      const ref = String(++lastRef);
      answers.set(ref, resolve);
      client.send(send(ref));
    });
  const join = {
    url: `${origin}/`,
    session: find(/data-phx-session="([^"]*)"/),
    static: find(/data-phx-static="([^"]*)"/),
    params: { _csrf_token: find(/<meta name="csrf-token" content="([^"]*)"/), _mounts: 0 },
  };
  const rendered = await ask((ref) => JSON.stringify([ref, ref, "lv:phx-main", "phx_join", join]));
  const upload = /phx-[\w-]{20}/.exec(JSON.stringify(rendered))?.[0] ?? "";
  const onView = (event: string, payload: object): Promise<{ readonly [name: string]: unknown }> =>
    ask((ref) => JSON.stringify(["1", ref, "lv:phx-main", event, payload]));
  const file = { ref: "0", name: "zeros", type: "", relative_path: "", size: bytes, last_modified: 0 };
  await onView("event", { type: "form", event: "check", value: "", meta: {}, uploads: { [upload]: [file] } });
  const { entries } = await onView("allow_upload", { ref: upload, entries: [file] });
  // The answer to a preflight has tokens by the files' refs (docs/protocol.md, section 18).
  const token = (entries as { readonly [ref: string]: string })["0"];
  let joinRef = "";
  await ask((ref) => {
    joinRef = ref;
    return JSON.stringify([ref, ref, "lvu:0", "phx_join", { token }]);
  });
  for (const chunk of chunksOf(bytes)) {
    await ask((ref) => {
      const names = [joinRef, ref, "lvu:0", "chunk"].map((name) => Buffer.from(name));
      return Buffer.concat([Buffer.from([0, ...names.map(({ length }) => length)]), ...names, chunk]);
    });
  }
  await onView("progress", { event: null, ref: upload, entry_ref: "0", progress: 100 });
  await onView("event", { type: "form", event: "save", value: "", meta: {} });
  client.close();
}

serveCommands<UploadLoadCommands>({
  send: async ({ kind, port, bytes }) => {
    const started = performance.now();
    await senders[kind](port, bytes);
    return { seconds: (performance.now() - started) / 1_000 };
  },
});
