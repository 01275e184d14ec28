import { createServer, type Server } from "node:http";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLiveApp,
  createLiveView,
  html,
  liveFileInput,
  liveImgPreview,
  SingleProcessPubSub,
  sniffType,
  type ExternalUpload,
  type LiveUpload,
} from "wingbeat";
import { connected, expectText, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();
const directory = mkdtempSync(join(tmpdir(), "wingbeat-uploads-browser-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A picture of one pixel, and as many bytes behind it as are asked for. */
const png = (bytes = 0): Buffer =>
  Buffer.concat([
    Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    ),
    Buffer.alloc(bytes),
  ]);
const choose = (page: Page, name: string, files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> =>
  page.locator(`input[name=${name}]`).setInputFiles(files);
/** What was logged, but for what only says that the machine is busy. */
const refusals = ({ lines }: { readonly lines: readonly string[] }): string[] =>
  lines.filter((line) => !line.includes("kept everybody waiting"));
const temporary = (): string[] => readdirSync(directory).filter((name) => name.startsWith("wingbeat-upload-"));

type Event =
  | { type: "check" | "save" | "crash" }
  | { type: "cancel"; upload: "photos" | "notes" | "remote"; ref: string };
type Info = { type: "album"; progress: number };
interface Stored extends ExternalUpload {
  readonly url: string;
}
interface Context {
  photos: LiveUpload;
  notes: LiveUpload;
  remote: LiveUpload<Stored>;
  saved: readonly string[];
  others: number;
  note: string;
}

/** Holds the bytes back until it is opened. */
class Gate {
  #open: () => void = () => {};
  #passed: Promise<void> = Promise.resolve();
  close(): void {
    this.#passed = new Promise((resolve) => (this.#open = resolve));
  }
  open(): void {
    this.#open();
  }
  get passed(): Promise<void> {
    return this.#passed;
  }
}

/** Stands for an S3-compatible server: takes what is put to an address, and knows it by that. */
function startStore(): Promise<{ url: string; stored: Map<string, Buffer>; server: Server }> {
  const stored = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const cors = {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "PUT",
      "access-control-allow-headers": "content-type",
    };
    if (request.method !== "PUT") return response.writeHead(204, cors).end();
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      stored.set(request.url ?? "", Buffer.concat(parts));
      response.writeHead(request.url?.endsWith("full") === true ? 507 : 200, cors).end();
    });
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      // It listens on a port, so its address is no path.
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://127.0.0.1:${port}`, stored, server });
    }),
  );
}

const clientModule = join(directory, "client.mjs");
writeFileSync(
  clientModule,
  `export const uploaders = {
    Store(entries) {
      for (const entry of entries) {
        const request = new XMLHttpRequest();
        entry.onCancel?.(() => request.abort());
        request.upload.onprogress = ({ loaded, total }) => {
          const percent = Math.round((loaded / total) * 100);
          if (percent < 100) entry.progress(percent);
        };
        request.onload = () => (request.status === 200 ? entry.progress(100) : entry.error("status " + request.status));
        request.onerror = () => entry.error("network");
        request.open("PUT", entry.meta.url);
        request.send(entry.file);
      }
    },
  };`,
);

describe("uploads in a browser", () => {
  const gate = new Gate();
  let store: Awaited<ReturnType<typeof startStore>>;
  beforeAll(async () => {
    store = await startStore();
  });
  afterAll(() => void store.server.close());

  const open = async () => {
    const logger = rememberingLogger();
    const album = createLiveView<Context, Event, Info>({
      initial: { saved: [], others: 0, note: "" },
      mount: async (socket) => {
        await socket.subscribe("album");
        socket.allowUpload("photos", {
          accept: ["image/png"],
          maxEntries: 2,
          maxFileSize: 300_000,
          verify: async (bytes) => {
            await gate.passed;
            return sniffType(bytes) === "image/png" ? undefined : "That is no picture.";
          },
          progress: async ({ progress }) => socket.broadcastFrom("album", { progress }),
        });
        socket.allowUpload("notes", {
          accept: [".txt"],
          autoUpload: true,
          progress: async (entry) => {
            if (!entry.isDone) return;
            const note = await socket.consumeUploadedEntry("notes", entry, ({ path }) => readFileSync(path, "utf8"));
            socket.assign({ note: note ?? "" });
          },
        });
        socket.allowUpload("remote", {
          accept: "any",
          external: ({ clientName }) =>
            clientName === "bad"
              ? { refused: "Not that one." }
              : { uploader: "Store", url: `${store.url}/${clientName}` },
        });
      },
      handleInfo: (info, socket) => socket.assign({ others: info.progress }),
      handleEvent: async (event, socket) => {
        if (event.type === "crash") throw new Error("crash as told");
        if (event.type === "cancel") return socket.cancelUpload(event.upload, event.ref);
        if (event.type !== "save") return;
        const photos = await socket.consumeUploadedEntries("photos", async (file, { uuid, clientName }) => {
          await file.moveTo(join(directory, `kept-${uuid}`));
          return `${clientName} ${file.size}`;
        });
        const remote = await socket.consumeUploadedEntries(
          "remote",
          ({ url }, { clientSize }) => `${new URL(url).pathname} ${clientSize}`,
        );
        socket.assign({ saved: [...socket.context.saved, ...photos, ...remote] });
      },
      render: ({ photos, notes, remote, saved, others, note }, meta) => html`
        <form id="album" phx-change="check" phx-submit="save">
          <label for="${photos.ref}">Photos</label> ${liveFileInput({ upload: photos })}
          ${liveFileInput({ upload: notes })} ${liveFileInput({ upload: remote })}
          <input id="title" name="title">
          <button id="save">Save</button>
        </form>
        <div id="drop" phx-drop-target="${photos.ref}">Drop here</div>
        <ul>${[photos, notes, remote].flatMap((upload) =>
          upload.entries.map(
            (entry) =>
              html`<li id="entry-${upload.name}-${entry.ref}">${upload === photos ? liveImgPreview({ entry, upload }, { alt: "" }) : ""}<span>${entry.clientName} ${entry.progress} ${entry.errors.map((error) => ("reason" in error ? error.reason : error.code)).join()}</span> <button phx-click="${meta.event("cancel", { upload: upload.name as "photos", ref: entry.ref })}">Cancel ${entry.clientName}</button></li>`,
          ),
        )}</ul>
        <p id="count">${photos.entries.length + remote.entries.length}</p>
        <p id="errors">${photos.errors.map(({ code }) => code).join()}</p>
        <p id="saved">${saved.join(", ")}</p>
        <p id="others">${others}</p>
        <p id="note">${note}</p>
        <button id="crash" phx-click="crash">Crash</button>`,
    });
    const app = createLiveApp({
      pubSub: new SingleProcessPubSub({ isolated: true }),
      routes: { "/": album },
      uploads: { directory },
      clientModule: new URL(`file://${clientModule}`),
      logger,
    });
    const server = await start(app);
    return { server, logger, app };
  };

  it("shows previews, sends the files with the form, and others their progress; cancels, refuses and takes drops", async () => {
    const { server, logger } = await open();
    const [ada, grace] = [await visit(server.url), await visit(server.url)];
    const { page } = ada;

    // A preview from the user's disk, and files that are wrong before any byte of them is sent.
    await choose(page, "photos", [{ name: "../one.png", mimeType: "image/png", buffer: png(200_000) }]);
    await expectText(page, "#count", "1");
    await expect.poll(() => page.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
    await choose(page, "photos", [
      { name: "big.png", mimeType: "image/png", buffer: png(300_000) },
      { name: "b.exe", mimeType: "application/x-msdownload", buffer: png() },
    ]);
    await expectText(page, "#errors", "too_many_files");
    expect(await page.locator("li span").allTextContents()).toEqual([
      "one.png 0 ",
      "big.png 0 too_large",
      "b.exe 0 not_accepted",
    ]);
    await page.click("text=Cancel big.png");
    await page.click("text=Cancel b.exe");
    await expectText(page, "#count", "1");

    // One more by dropping it.
    const transfer = await page.evaluateHandle(
      (bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
        return data;
      },
      [...png()],
    );
    await page.dispatchEvent("#drop", "drop", { dataTransfer: transfer });
    await expectText(page, "#count", "2");

    // The form comes when all files are there. Meanwhile the other page sees how far they are.
    gate.close();
    await page.click("#save");
    await expect.poll(() => page.locator("#save").isDisabled()).toBe(true);
    await expectText(grace.page, "#others", "0");
    gate.open();
    await expectText(page, "#saved", `one.png ${png(200_000).length}, dropped.png ${png().length}`);
    await expectText(grace.page, "#others", "100");
    await expectText(page, "#count", "0");
    await expect.poll(temporary).toEqual([]);
    const sizes = readdirSync(directory)
      .filter((name) => name.startsWith("kept-"))
      .map((name) => readFileSync(join(directory, name)).length);
    expect(sizes.sort((a, b) => a - b)).toEqual([png().length, png(200_000).length]);

    // What is in a file counts, not its name.
    await choose(page, "photos", [
      { name: "fake.png", mimeType: "image/png", buffer: Buffer.from("<script>alert(1)</script>") },
    ]);
    await expectText(page, "#count", "1");
    await page.click("#save");
    await expectText(page, "li span", "fake.png 0 That is no picture.");
    await page.click("text=Cancel fake.png");
    await expectText(page, "#count", "0");
    await expect.poll(() => page.locator("#save").isDisabled()).toBe(false);

    // By itself, as soon as it is chosen.
    await choose(page, "notes", [{ name: "n.txt", mimeType: "text/plain", buffer: Buffer.from("Buy milk") }]);
    await expectText(page, "#note", "Buy milk");
    expect([...ada.problems, ...grace.problems]).toEqual([]);
    expect(refusals(logger)).toEqual([]);
  });

  it("begins anew after a crash and after a cut in the midst, and leaves nothing behind", async () => {
    const { server, logger } = await open();
    const { page } = await visit(server.url);
    const file = { name: "one.png", mimeType: "image/png", buffer: png(200_000) };
    for (const end of ["crash", "cut"] as const) {
      gate.close();
      await choose(page, "photos", [file]);
      await expectText(page, "#count", "1");
      await page.click("#save");
      await expect.poll(() => page.locator("#save").isDisabled()).toBe(true);
      if (end === "crash") await page.click("#crash");
      else await page.evaluate("liveSocket.disconnect(() => liveSocket.connect())");
      await expectText(page, "#errors", "interrupted");
      await expectText(page, "#count", "0");
      await connected(page);
      gate.open();
      await expect.poll(() => page.locator("#save").isDisabled()).toBe(false);
      await expect.poll(temporary).toEqual([]);
      await choose(page, "photos", [file]);
      await expectText(page, "#count", "1");
      await page.click("#save");
      await expect.poll(() => page.textContent("#saved")).toContain(`one.png ${file.buffer.length}`);
    }
    expect(refusals(logger).filter((line) => !line.includes("crash as told"))).toEqual([]);
  });

  it("puts files straight into a store, and says so when the store refuses", async () => {
    const { server, logger } = await open();
    const { page } = await visit(server.url);
    await choose(page, "remote", [{ name: "movie", mimeType: "video/mp4", buffer: png(50_000) }]);
    await expectText(page, "#count", "1");
    await page.click("#save");
    await expectText(page, "#saved", `/movie ${png(50_000).length}`);
    expect(store.stored.get("/movie")?.length).toBe(png(50_000).length);
    await choose(page, "remote", [{ name: "bad", mimeType: "", buffer: png() }]);
    await expectText(page, "#count", "1");
    await page.click("#save");
    await expectText(page, "li span", "bad 0 Not that one.");
    await page.click("text=Cancel bad");
    await expectText(page, "#count", "0");
    await choose(page, "remote", [{ name: "full", mimeType: "", buffer: png() }]);
    await expectText(page, "#count", "1");
    await page.click("#save");
    await expectText(page, "li span", "full 0 status 507");
    expect(refusals(logger)).toEqual([
      '[wingbeat] the browser gave up the upload "full" of "remote" in /: "status 507"',
    ]);
  });
});
