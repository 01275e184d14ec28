import type { WireFrame, NetworkClient } from "./network-client.ts";
import { binaryPush } from "./upload-client.ts";

/**
 * Uploads a file of zeros over the network, as the browser's client does: a chunk, and the next one when it was answered.
 * @param upload the id of the page's file input
 */
export async function uploadOverNetwork(client: NetworkClient, upload: string, size: number): Promise<void> {
  const { webSocket } = client;
  let lastRef = 1_000;
  const answers = new Map<string, (response: Record<string, unknown>) => void>();
  const take = (data: Buffer): void => {
    // Every frame of the server is an array of five (docs/protocol.md, section 4).
    const [, ref, , event, payload] = JSON.parse(data.toString("utf8")) as WireFrame;
    const answer = event === "phx_reply" ? answers.get(ref ?? "") : undefined;
    if (answer === undefined) return;
    answers.delete(ref ?? "");
    if (payload["status"] !== "ok") throw new Error(`The upload was refused: ${data.toString("utf8")}`);
    // Likewise of every reply.
    answer(payload["response"] as Record<string, unknown>);
  };
  webSocket.on("message", take);
  const ask = (send: (ref: string) => string | Uint8Array): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      const ref = String(++lastRef);
      answers.set(ref, resolve);
      webSocket.send(send(ref));
    });
  const onView = (event: string, payload: object): Promise<Record<string, unknown>> =>
    ask((ref) => JSON.stringify(["1", ref, "lv:phx-main", event, payload]));

  const file = { ref: "0", name: "zeros", type: "", relative_path: "", size, last_modified: 0 };
  await onView("event", { type: "form", event: "check", value: "", meta: {}, uploads: { [upload]: [file] } });
  const { entries, config } = await onView("allow_upload", { ref: upload, entries: [file] });
  const token = (entries as Record<string, unknown>)["0"];
  const chunkSize = (config as Record<string, number>)["chunk_size"] ?? 0;
  let joinRef = "";
  await ask((ref) => {
    joinRef = ref;
    return JSON.stringify([ref, ref, "lvu:0", "phx_join", { token }]);
  });
  const chunk = new Uint8Array(chunkSize);
  for (let sent = 0; sent < size; sent += chunkSize) {
    const data = chunk.subarray(0, Math.min(chunkSize, size - sent));
    await ask((ref) => binaryPush(joinRef, ref, "lvu:0", "chunk", data));
  }
  await onView("progress", { event: null, ref: upload, entry_ref: "0", progress: 100 });
  webSocket.off("message", take);
}
