import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { encodeTextFrame } from "./text-frame.ts";

let server: Server;
let client: WebSocket;
let serverSocket: Duplex;

beforeAll(async () => {
  server = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const connected = new Promise<Duplex>((resolve) => {
    server.on("upgrade", (request, socket, head) => wss.handleUpgrade(request, socket, head, () => resolve(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with a port.
  const { port } = server.address() as AddressInfo;
  client = new WebSocket(`ws://127.0.0.1:${port}`);
  serverSocket = await connected;
});

afterAll(() => {
  client.terminate();
  server.close();
});

function sendThrough(frame: Buffer): Promise<string> {
  const received = new Promise<string>((resolve, reject) => {
    client.once("message", (data: Buffer, isBinary) => {
      if (isBinary) reject(new Error("a binary frame"));
      else resolve(data.toString("utf8"));
    });
    client.once("error", reject);
  });
  serverSocket.write(frame);
  return received;
}

describe("encodeTextFrame", () => {
  it("writes header and text as RFC 6455 shows them in its example", () => {
    expect(encodeTextFrame("Hello").toString("hex")).toBe("810548656c6c6f");
  });

  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
    "is read as sent by a WebSocket client, at %i characters",
    async (length) => {
      const text = "x".repeat(length);
      expect(await sendThrough(encodeTextFrame(text))).toBe(text);
    },
  );

  it("counts the bytes of text beyond ASCII, not its characters", async () => {
    const text = "Grüße, 世界 👋".repeat(10);
    expect(await sendThrough(encodeTextFrame(text))).toBe(text);
  });
});
