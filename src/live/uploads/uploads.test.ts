import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { quiet, SECRET, testApp, until, visit, type TestApp, type TestClient } from "../../../test/support/client.ts";
import { UploadClient } from "../../../test/support/upload-client.ts";
import { liveFileInput } from "../../components/live-file-input.ts";
import { html } from "../../html/html.ts";
import { createLiveView } from "../live-view.ts";
import type { LimitOptions } from "../limits.ts";
import type { LiveSocket } from "../live-socket.ts";
import { createLiveComponent } from "../components/create-live-component.ts";
import { liveComponent } from "../components/place-live-component.ts";
import {
  postpone,
  type ExternalUpload,
  type LiveUpload,
  type UploadedFile,
  type UploadEntry,
  type UploadOptions,
} from "./live-upload.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "wingbeat-uploads-test-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The files that are coming, or wait. */
const temporary = (): string[] => readdirSync(directory).filter((name) => name.startsWith("wingbeat-upload-"));

type Context<U> = { photos: LiveUpload<U>; results: readonly string[] };
type Event = { type: "check" } | { type: "save" } | { type: "cancel"; ref: string } | { type: "crash" };

const shown = (entry: UploadEntry): string =>
  `${entry.ref}:${entry.clientName}:${entry.progress}:${entry.isDone ? "done" : entry.isStarted ? "started" : "chosen"}:${entry.errors.map((error) => ("reason" in error ? `${error.code}(${error.reason})` : error.code)).join("+")}`;

/** A view with one upload, whose files `save` gives to `work`. */
function uploading<U = UploadedFile>(
  options: UploadOptions<U>,
  work: (uploaded: U, entry: UploadEntry, socket: LiveSocket<Context<U>>) => unknown = () => "consumed",
  limits: LimitOptions = {},
): TestApp {
  const view = createLiveView<Context<U>, Event>({
    initial: { results: [] },
    mount: (socket) => socket.allowUpload("photos", options),
    handleEvent: async (event, socket) => {
      if (event.type === "crash") throw new Error("crash as told");
      if (event.type === "cancel") socket.cancelUpload("photos", event.ref);
      if (event.type !== "save") return;
      const results = await socket.consumeUploadedEntries("photos", (uploaded, entry) => work(uploaded, entry, socket));
      socket.assign({ results: results.map(String) });
    },
    render: ({ photos, results }) => html`
      <form phx-change="check" phx-submit="save">${liveFileInput({ upload: photos })}</form>
      <p id="entries">${photos.entries.map(shown).join(" ")}</p>
      <p id="errors">${photos.errors.map(({ code }) => code).join(" ")}</p>
      <p id="results">${results.join(" ")}</p>`,
  });
  return testApp({ "/": view }, { uploads: { directory }, limits });
}

async function open({ app }: TestApp): Promise<{ client: TestClient; page: UploadClient }> {
  const client = await visit(app, "/");
  return { client, page: new UploadClient(client) };
}

/** What an app has logged, but for what only says that the machine is busy. */
const refusals = ({ log }: TestApp): string[] => log.filter((line) => !line.includes("kept everybody waiting"));
const save = (client: TestClient): Promise<Record<string, unknown>> => client.event("save");
const text = (client: TestClient, id: string): string =>
  new RegExp(`<p id="${id}">([^<]*)</p>`).exec(client.html())?.[1] ?? "";

describe("uploads", () => {
  it("keep a file on the disk until it is consumed, for this user alone and under no name of the client's", async () => {
    let seen: { readonly content: string; readonly mode: number; readonly path: string } | undefined;
    const app = uploading({ accept: [".txt"], chunkSize: 4 }, ({ path }) => {
      seen = { content: readFileSync(path, "utf8"), mode: statSync(path).mode & 0o777, path };
      return "read";
    });
    const { client, page } = await open(app);
    await page.upload("photos", [{ name: "../notes.txt", content: "a long day" }], 4);
    expect(text(client, "entries")).toBe("0:notes.txt:100:done:");
    expect(temporary()).toHaveLength(1);
    await save(client);
    expect(text(client, "results")).toBe("read");
    expect(seen).toMatchObject({ content: "a long day", mode: 0o600 });
    expect(seen?.path).toMatch(/\/wingbeat-upload-[\w-]{24}$/);
    expect(text(client, "entries")).toBe("");
    await until(
      () => temporary().length === 0,
      () => "the temporary file to be gone",
    );
    expect(refusals(app)).toEqual([]);
  });

  it("move a file to where the app wants it", async () => {
    const app = uploading({ accept: "any" }, async (file, { uuid }) => {
      await file.moveTo(join(directory, `kept-${uuid}`));
      return file.size;
    });
    const { client, page } = await open(app);
    await page.upload("photos", [{ name: "a", content: "abc" }]);
    await save(client);
    expect(text(client, "results")).toBe("3");
    const [name = "", ...others] = readdirSync(directory);
    expect([name.slice(0, 5), readFileSync(join(directory, name), "utf8"), others]).toEqual(["kept-", "abc", []]);
  });

  it("answer a chunk when the writer has taken it, and not before", async () => {
    const chunks: string[] = [];
    let take: () => void = () => {};
    const app = uploading<string>(
      {
        accept: "any",
        chunkSize: 2,
        writer: () => ({
          write: (chunk) => {
            chunks.push(new TextDecoder().decode(chunk));
            return new Promise<void>((resolve) => (take = resolve));
          },
          close: () => chunks.join("|"),
        }),
      },
      (uploaded) => uploaded,
    );
    const { client, page } = await open(app);
    const [ref = ""] = await page.choose("photos", [{ name: "a", content: "abc" }]);
    const upload = page.uploadRef("photos");
    const tokens = UploadClient.tokens(await page.preflight(upload, [{ ref, name: "a", size: 3 } as never]));
    const { joinRef } = await page.join(ref, tokens[ref]);
    const first = page.sendChunk(ref, joinRef, new TextEncoder().encode("ab"));
    await quiet();
    expect(client.replyTo(first)).toBeUndefined();
    take();
    expect(await client.reply(first)).toEqual({ status: "ok", response: {} });
    await client.shows("0:a:66:started:");
    const last = page.sendChunk(ref, joinRef, new TextEncoder().encode("c"));
    await quiet();
    take();
    await client.reply(last);
    await page.progress(upload, ref, 100);
    await save(client);
    expect(text(client, "results")).toBe("ab|c");
  });

  it("stream to a WritableStream, which is closed at the end and aborted when the file is cancelled", async () => {
    const log: string[] = [];
    const app = uploading<undefined>(
      {
        accept: "any",
        maxEntries: 2,
        chunkSize: 2,
        writer: ({ clientName }) =>
          new WritableStream({
            write: (chunk) => void log.push(`${clientName} ${new TextDecoder().decode(chunk)}`),
            close: () => void log.push(`${clientName} closed`),
            abort: () => void log.push(`${clientName} aborted`),
          }),
      },
      (uploaded) => typeof uploaded,
    );
    const { client, page } = await open(app);
    await page.upload("photos", [{ name: "a", content: "abc" }], 2);
    const [ref = ""] = await page.choose("photos", [{ name: "b", content: "xyz" }]);
    const tokens = UploadClient.tokens(
      await page.preflight(page.uploadRef("photos"), [{ ref, name: "b", size: 3 } as never]),
    );
    const { joinRef } = await page.join(ref, tokens[ref]);
    await page.chunk(ref, joinRef, "xy");
    await client.event("cancel", { ref });
    await until(
      () => log.includes("b aborted"),
      () => log.join(),
    );
    await save(client);
    expect(text(client, "results")).toBe("undefined");
    expect(log).toEqual(["a ab", "a c", "a closed", "b xy", "b aborted"]);
  });

  it("say what is wrong with files before any of them is sent", async () => {
    const app = uploading({ accept: [".txt"], maxFileSize: 5, maxEntries: 2 });
    const { client, page } = await open(app);
    await page.choose("photos", [
      { name: "long.txt", content: "123456" },
      { name: "a.exe", content: "1" },
    ]);
    expect(text(client, "entries")).toBe("0:long.txt:0:chosen:too_large 1:a.exe:0:chosen:not_accepted");
    await page.choose("photos", [{ name: "b.txt", content: "1" }]);
    expect(text(client, "errors")).toBe("too_many_files");
    const upload = page.uploadRef("photos");
    expect(await page.preflight(upload, [])).toMatchObject({
      ref: upload,
      error: [
        [upload, "too_many_files"],
        ["0", "too_large"],
        ["1", "not_accepted"],
      ],
    });
    await client.event("cancel", { ref: "0" });
    await client.event("cancel", { ref: "1" });
    expect([text(client, "entries"), text(client, "errors")]).toEqual(["2:b.txt:0:chosen:", ""]);
    client.click("save");
    await until(
      () => app.errors.length > 0,
      () => "the error of a form that no browser submits",
    );
    expect(app.errors[0]?.error).toMatchObject({ code: "upload.in-progress" });
  });

  it("replace the file where there is to be one", async () => {
    const { client, page } = await open(uploading({ accept: "any" }));
    await page.upload("photos", [{ name: "a", content: "abc" }]);
    await page.choose("photos", [{ name: "b", content: "abc" }]);
    expect(text(client, "entries")).toBe("1:b:0:chosen:");
    await until(
      () => temporary().length === 0,
      () => "the first file to be gone",
    );
  });

  it("take of files that go by themselves as many as may, and leave out what is wrong", async () => {
    const { client, page } = await open(uploading({ accept: [".txt"], maxEntries: 2, autoUpload: true }));
    const files = ["a.txt", "b.exe", "c.txt", "d.txt"].map((name) => page.entry({ name, content: "1" }));
    const answer = await page.preflight(page.uploadRef("photos"), files);
    expect(Object.keys(UploadClient.tokens(answer))).toEqual(["0", "2"]);
    expect(answer["error"]).toBeUndefined();
    expect(text(client, "errors")).toBe("too_many_files");
  });

  it("tell of each percent that has come, and of the end", async () => {
    const told: string[] = [];
    const app = uploading({
      accept: "any",
      chunkSize: 1,
      progress: (entry) => void told.push(`${entry.progress}${entry.isDone ? " done" : ""}`),
    });
    const { page } = await open(app);
    await page.upload("photos", [{ name: "a", content: "abcd" }], 1);
    expect(told).toEqual(["25", "50", "75", "99", "100 done"]);
  });

  it("let an upload that goes by itself be consumed as soon as it is there", async () => {
    const view = createLiveView<{ file: LiveUpload; saved: string }, { type: "check" }>({
      initial: { saved: "" },
      mount: (socket) =>
        socket.allowUpload("file", {
          accept: "any",
          autoUpload: true,
          progress: async (entry) => {
            if (!entry.isDone) return;
            const saved = await socket.consumeUploadedEntry("file", entry, ({ path }) => readFileSync(path, "utf8"));
            socket.assign({ saved: saved ?? "" });
          },
        }),
      handleEvent: () => {},
      render: ({ file, saved }) =>
        html`<form phx-change="check">${liveFileInput({ upload: file })}</form><p id="saved">${saved}</p><p id="entries">${file.entries.map(shown).join(" ")}</p>`,
    });
    const app = testApp({ "/": view }, { uploads: { directory } });
    const { client, page } = await open(app);
    await page.upload("file", [{ name: "a", content: "abc" }]);
    expect([text(client, "saved"), text(client, "entries")]).toEqual(["abc", ""]);
  });

  it("keep an entry whose consumption is postponed", async () => {
    let calls = 0;
    const app = uploading({ accept: "any" }, () => (++calls === 1 ? postpone("later") : "now"));
    const { client, page } = await open(app);
    await page.upload("photos", [{ name: "a", content: "abc" }]);
    await save(client);
    expect([text(client, "results"), text(client, "entries")]).toEqual(["later", "0:a:100:done:"]);
    await save(client);
    expect([text(client, "results"), text(client, "entries")]).toEqual(["now", ""]);
  });

  it("look into a file before any of it is written", async () => {
    const app = uploading({
      accept: "any",
      verify: (start) => (start[0] === 0x89 ? undefined : "That is no picture."),
    });
    const { client, page } = await open(app);
    await page.upload("photos", [{ name: "a.png", content: "<script>" }]);
    expect(text(client, "entries")).toBe("0:a.png:0:started:refused(That is no picture.)");
    expect(temporary()).toEqual([]);
    const { client: other, page: good } = await open(app);
    await good.upload("photos", [{ name: "a.png", content: Uint8Array.of(0x89, 0x50) }]);
    expect(text(other, "entries")).toBe("0:a.png:100:done:");
  });

  it("end with an error of theirs when the writer fails, and the view goes on", async () => {
    const log: string[] = [];
    const app = uploading<string>({
      accept: "any",
      writer: () => ({
        write: () => Promise.reject(new Error("the disk is full")),
        close: () => "never",
        abort: () => void log.push("aborted"),
      }),
    });
    const { client, page } = await open(app);
    const [ref = ""] = await page.choose("photos", [{ name: "a", content: "abc" }]);
    const tokens = UploadClient.tokens(
      await page.preflight(page.uploadRef("photos"), [{ ref, name: "a", size: 3 } as never]),
    );
    const { joinRef } = await page.join(ref, tokens[ref]);
    expect(await page.chunk(ref, joinRef, "abc")).toEqual({ status: "error", response: { reason: "writer_error" } });
    await client.shows("0:a:0:started:writer_failure");
    expect(app.errors.map(({ error }) => String(error))).toEqual(["Error: the disk is full"]);
    expect(log).toEqual(["aborted"]);
  });

  it("tell a file on another server what the app says, and believe the browser how far it is", async () => {
    const told: number[] = [];
    const app = uploading<ExternalUpload & { url: string }>(
      {
        accept: "any",
        maxEntries: 2,
        external: async ({ clientName }) =>
          clientName === "no"
            ? { refused: "No room." }
            : { uploader: "PUT", url: `https://store.example/${clientName}` },
        progress: ({ progress }) => void told.push(progress),
      },
      ({ url }, { clientName }) => `${clientName}@${url}`,
    );
    const { client, page } = await open(app);
    const file = page.entry({ name: "a", content: "abc" });
    const upload = page.uploadRef("photos");
    const answer = await page.preflight(upload, [file]);
    expect(answer).toMatchObject({
      ref: upload,
      config: { max_file_size: 8_000_000, max_entries: 2, chunk_size: 64_000, chunk_timeout: 1_000_000 },
      entries: { 0: { uploader: "PUT", url: "https://store.example/a" } },
      errors: {},
    });
    await page.progress(upload, "0", 40);
    await client.shows("0:a:40:started:");
    await page.progress(upload, "0", 30);
    await page.progress(upload, "0", 100);
    expect(told).toEqual([40, 100]);
    await save(client);
    expect(text(client, "results")).toBe("a@https://store.example/a");
    expect(await page.preflight(upload, [page.entry({ name: "no", content: "x" })])).toMatchObject({
      error: [["1", "refused"]],
    });
    expect(text(client, "entries")).toBe("1:no:0:chosen:refused(No room.)");
    expect((await page.join("1", UploadClient.tokens(answer)["0"])).response).toEqual({ reason: "invalid_token" });
  });

  it("belong to the live component that allowed them, and end with it", async () => {
    const field = createLiveComponent<{ label: string }, { doc: LiveUpload; saved: string }, Event>({
      initial: { saved: "" },
      mount: (socket) => socket.allowUpload("doc", { accept: "any" }),
      handleEvent: async (event, socket) => {
        if (event.type !== "save") return;
        const [saved = ""] = await socket.consumeUploadedEntries("doc", ({ path }) => readFileSync(path, "utf8"));
        socket.assign({ saved });
      },
      render: ({ doc, saved, label }, meta) =>
        html`<form phx-change="check" phx-submit="save" phx-target="${meta.self}">${label} ${liveFileInput({ upload: doc })}<p id="saved">${saved}</p><p id="entries">${doc.entries.map(shown).join(" ")}</p></form>`,
    });
    const view = createLiveView<{ isOpen: boolean }, { type: "close" }>({
      initial: { isOpen: true },
      handleEvent: (_event, socket) => socket.assign({ isOpen: false }),
      render: ({ isOpen }) => html`<div>${isOpen ? liveComponent(field, { id: "f", label: "File" }) : ""}</div>`,
    });
    const app = testApp({ "/": view }, { uploads: { directory } });
    const { client, page } = await open(app);
    await page.upload("doc", [{ name: "a", content: "abc" }], undefined, 1);
    expect(text(client, "entries")).toBe("0:a:100:done:");
    await client.reply(client.push("event", { type: "form", event: "save", value: "", meta: {}, cid: 1 }));
    expect(text(client, "saved")).toBe("abc");
    await page.upload("doc", [{ name: "b", content: "xyz" }], undefined, 1);
    expect(temporary()).toHaveLength(1);
    await client.event("close");
    await client.reply(client.push("cids_will_destroy", { cids: [1] }));
    await client.reply(client.push("cids_destroyed", { cids: [1] }));
    await until(
      () => temporary().length === 0,
      () => "the component's file to be gone",
    );
  });

  it("leave nothing behind when the view crashes, or the page is gone", async () => {
    const app = uploading({ accept: "any", maxEntries: 2 });
    const { client, page } = await open(app);
    await page.upload("photos", [{ name: "a", content: "abc" }]);
    const other = await open(app);
    await other.page.upload("photos", [{ name: "b", content: "abc" }]);
    expect(temporary()).toHaveLength(2);
    client.click("crash");
    await until(
      () => temporary().length === 1,
      () => "the file of the crashed view to be gone",
    );
    expect(client.peer.received.filter(({ topic }) => topic === "lvu:0").at(-1)).toMatchObject({ event: "phx_close" });
    other.client.close();
    await until(
      () => temporary().length === 0,
      () => "the file of the closed page to be gone",
    );
  });

  it("keep a file for whoever is consuming it when the page goes meanwhile", async () => {
    let goOn: () => void = () => {};
    let content = "";
    const app = uploading({ accept: "any" }, async ({ path }) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      content = readFileSync(path, "utf8");
    });
    const { client, page } = await open(app);
    await page.upload("photos", [{ name: "a", content: "abc" }]);
    client.click("save");
    await quiet();
    client.close();
    await quiet();
    expect(temporary()).toHaveLength(1);
    goOn();
    await until(
      () => temporary().length === 0,
      () => "the file to be gone",
    );
    expect(content).toBe("abc");
    expect(app.errors).toEqual([]);
  });

  it("keep those for it too that it has not come to yet", async () => {
    let goOn: () => void = () => {};
    const contents: string[] = [];
    const app = uploading({ accept: "any", maxEntries: 2 }, async ({ path }) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      contents.push(readFileSync(path, "utf8"));
    });
    const { client, page } = await open(app);
    const files = ["first", "second"].map((content) => ({ name: content, content }));
    await page.upload("photos", files);
    client.click("save");
    await quiet();
    client.close();
    await quiet();
    expect(temporary()).toHaveLength(2);
    goOn();
    await quiet();
    goOn();
    await until(
      () => temporary().length === 0,
      () => "the files to be gone",
    );
    expect(contents).toEqual(["first", "second"]);
    expect(app.errors).toEqual([]);
  });

  it("take more as soon as others are gone, where a connection may upload so many", async () => {
    const { client, page } = await open(
      uploading({ accept: "any", maxEntries: 9, maxFileSize: 5, autoUpload: true }, undefined, {
        uploadsPerConnection: 9,
        uploadBytesPerConnection: 5,
      }),
    );
    const upload = page.uploadRef("photos");
    const files = [page.entry({ name: "a", content: "abc" }), page.entry({ name: "b", content: "abc" })];
    expect(Object.keys(UploadClient.tokens(await page.preflight(upload, files)))).toEqual(["0"]);
    expect(text(client, "entries")).toBe("0:a:0:started: 1:b:0:chosen:quota_exceeded");
    await client.event("cancel", { ref: "0" });
    await client.event("cancel", { ref: "1" });
    expect(
      Object.keys(UploadClient.tokens(await page.preflight(upload, [page.entry({ name: "c", content: "abc" })]))),
    ).toEqual(["2"]);
  });

  it("say what to write when they are allowed or used wrongly", async () => {
    const failing = (mount: (socket: LiveSocket<{ photos: LiveUpload }>) => unknown): (() => Promise<unknown>) => {
      const view = createLiveView<{ photos: LiveUpload }>({
        mount: async (socket) => void (await mount(socket)),
        render: () => html`<p></p>`,
      });
      const app = testApp({ "/": view }, { uploads: { directory } });
      return async () => {
        await visit(app.app, "/").catch(() => {});
        return app.errors[0]?.error;
      };
    };
    const misuse: [string, (socket: LiveSocket<{ photos: LiveUpload }>) => unknown][] = [
      [
        "It must be a whole number above 0.",
        (socket) => socket.allowUpload("photos", { accept: "any", maxEntries: 0 }),
      ],
      [
        "raise limits.maxMessageBytes, which is 65536",
        (socket) => socket.allowUpload("photos", { accept: "any", chunkSize: 65_000 }),
      ],
      [
        "raise that: createLiveApp({ limits: { uploadsPerConnection: 101 } })",
        (socket) => socket.allowUpload("photos", { accept: "any", maxEntries: 101 }),
      ],
      [
        "got maxFileSize: 3000000000, and the app takes no more than limits.uploadBytesPerConnection, which is 2147483648.",
        (socket) => socket.allowUpload("photos", { accept: "any", maxFileSize: 3_000_000_000 }),
      ],
      ['accept: [".pdf", "image/*"]', (socket) => socket.allowUpload("photos", { accept: [] })],
      ['has no upload "photos"', (socket) => socket.connected && socket.consumeUploadedEntries("photos", () => 1)],
      ['has no upload "photos"', (socket) => socket.connected && socket.cancelUpload("photos", "0")],
    ];
    for (const [message, mount] of misuse) expect(String(await failing(mount)())).toContain(message);
  });
});

describe("files that are gone with the view", () => {
  const again = (client: TestClient, lost: unknown) => {
    const { csrfToken } = client.page;
    return client.join({ params: { _csrf_token: csrfToken, _mounts: 1, _lost_uploads: lost } });
  };

  it("are an error of their upload, until others are chosen, and keep no form from being sent", async () => {
    const { client, page } = await open(uploading({ accept: "any", maxEntries: 3 }));
    await again(client, [
      { name: "films", count: 1 },
      { name: "photos", count: 2 },
    ]);
    expect([text(client, "errors"), text(client, "entries")]).toEqual(["interrupted", ""]);
    expect(client.html()).toContain('data-phx-error-refs=""');
    await save(client);
    expect(text(client, "errors")).toBe("interrupted");
    await page.choose("photos", [{ name: "a", content: "abc" }]);
    expect(text(client, "errors")).toBe("");
  });

  it("are told of with their number", async () => {
    const view = createLiveView<{ photos: LiveUpload }>({
      mount: (socket) => socket.allowUpload("photos", { accept: "any" }),
      render: ({ photos }) => html`<p>${JSON.stringify(photos.errors)}</p>`,
    });
    const client = await visit(testApp({ "/": view }).app, "/");
    await again(client, [{ name: "photos", count: 2 }]);
    expect(client.html()).toContain("[{&quot;code&quot;:&quot;interrupted&quot;,&quot;count&quot;:2}]");
  });

  it.each([["a text"], [null], [[1, null, {}, { name: 1, count: 1 }, { name: "photos", count: -1 }]], [{ photos: 1 }]])(
    "are none if the page says %j",
    async (lost) => {
      const { client } = await open(uploading({ accept: "any" }));
      await again(client, lost);
      expect(text(client, "errors")).toBe("");
    },
  );
});

describe("uploads refuse, in the log and with the server going on,", () => {
  /** A page that may upload one file of three bytes, and has joined its channel. */
  async function joined(options: { readonly chunkTimeoutMs?: number } = {}) {
    const app = uploading({ accept: "any", maxEntries: 2, chunkSize: 2, ...options });
    const { client, page } = await open(app);
    const file = page.entry({ name: "a", content: "abc" });
    const upload = page.uploadRef("photos");
    const tokens = UploadClient.tokens(await page.preflight(upload, [file]));
    const token = tokens[file.ref] ?? "";
    const { joinRef } = await page.join(file.ref, token);
    return { app, client, page, upload, token, joinRef, lives: () => client.event("check") };
  }

  it("forged upload refs", async () => {
    const { app, client, page, upload, lives } = await joined();
    expect(await page.preflight("phx-forged", [page.entry({ name: "x", content: "x" })])).toEqual({
      ref: "phx-forged",
      error: [["phx-forged", "disallowed"]],
    });
    await client.reply(
      client.push("event", {
        type: "form",
        event: "check",
        value: "",
        uploads: { "phx-forged": [page.entry({ name: "x", content: "x" })] },
      }),
    );
    expect(await page.progress("phx-forged", "0", 100)).toEqual({});
    expect(await page.preflight(upload, [page.entry({ name: "x", content: "x" })], 7)).toEqual({
      ref: upload,
      error: [[upload, "disallowed"]],
    });
    expect(refusals(app)).toEqual(
      [
        'refused files of the upload "phx-forged" from the page of /: this view has no such upload',
        'refused the files of the upload "phx-forged" from the page of /: this view has no such upload',
        'refused the progress of the upload "phx-forged" from the page of /: this view has no such upload',
        `refused files of the upload "${upload}" from the page of /: it is an upload of another component`,
      ].map((line) => `[wingbeat] ${line}`),
    );
    await lives();
  });

  it("a chunk after the end", async () => {
    const { app, client, page, upload, joinRef, lives } = await joined();
    await page.chunk("0", joinRef, "ab");
    await page.chunk("0", joinRef, "c");
    expect(await page.chunk("0", joinRef, "d")).toEqual({ status: "error", response: { reason: "already_complete" } });
    expect(refusals(app).at(-1)).toContain(
      'refused a chunk of the upload "a" of "photos" in /: it came after the end of the file',
    );
    await page.progress(upload, "0", 100);
    expect(text(client, "entries")).toBe("0:a:100:done:");
    await lives();
  });

  it("more bytes than declared", async () => {
    const { app, client, page, joinRef, lives } = await joined();
    await page.chunk("0", joinRef, "ab");
    expect(await page.chunk("0", joinRef, "cd")).toEqual({
      status: "error",
      response: { reason: "file_size_limit_exceeded", limit: 3 },
    });
    await client.shows("0:a:66:started:too_large");
    expect(refusals(app).at(-1)).toContain("it has more bytes than the 3 that it declared");
    await until(
      () => temporary().length === 0,
      () => "what had come to be gone",
    );
    await lives();
  });

  it("pieces that are no full chunk, and those that come before the last was taken", async () => {
    const small = await joined();
    expect(await small.page.chunk("0", small.joinRef, "a")).toMatchObject({ response: { reason: "invalid_chunk" } });
    expect(refusals(small.app).at(-1)).toContain("a chunk has 1 bytes, and not 2");
    const hasty = await joined();
    hasty.page.sendChunk("0", hasty.joinRef, new Uint8Array(2));
    expect(await hasty.page.chunk("0", hasty.joinRef, "c")).toMatchObject({ response: { reason: "invalid_chunk" } });
    expect(refusals(hasty.app).at(-1)).toContain("a chunk came before the last one was answered");
    await until(
      () => temporary().length === 0,
      () => "what had come to be gone",
    );
    await Promise.all([small.lives(), hasty.lives()]);
  });

  it("an end that the page only claims", async () => {
    const { app, client, page, upload, joinRef, lives } = await joined();
    await page.chunk("0", joinRef, "ab");
    await page.progress(upload, "0", 100);
    await client.shows("0:a:66:started:");
    expect(refusals(app).at(-1)).toContain("the page says so, and not all of it has come");
    await lives();
  });

  it("replayed upload tokens", async () => {
    const { app, client, page, token, joinRef, lives } = await joined();
    await page.chunk("0", joinRef, "ab");
    client.receive([joinRef, "900", "lvu:0", "phx_leave", {}]);
    await client.reply("900");
    expect((await page.join("0", token)).response).toEqual({ reason: "disallowed" });
    expect(refusals(app).at(-1)).toContain("the file was cancelled, consumed or never allowed");
    const again = await joined();
    await again.page.chunk("0", again.joinRef, "ab");
    await again.page.chunk("0", again.joinRef, "c");
    expect((await again.page.join("0", again.token)).response).toEqual({ reason: "already_registered" });
    expect(refusals(again.app).at(-1)).toContain("its token was used before");
    await Promise.all([lives(), again.lives()]);
  });

  it("expired and forged upload tokens", async () => {
    const { app, page, client, token, lives } = await joined();
    const [data = "", , mac = ""] = token.split(".");
    for (const bad of [`${data}.${(Date.now() - 11 * 60_000).toString(36)}.${mac}`, `${token}x`, "", 7, null]) {
      expect((await page.join("0", bad)).response).toEqual({ reason: "invalid_token" });
    }
    const { TokenSigner } = await import("../tokens.ts");
    const elevenMinutesAgo = new TokenSigner([SECRET], () => Date.now() - 11 * 60_000);
    const old = elevenMinutesAgo.sign("upload", JSON.parse(Buffer.from(data, "base64url").toString()) as unknown);
    expect((await page.join("0", old)).response).toEqual({ reason: "invalid_token" });
    expect(refusals(app).at(-1)).toContain("the token is too old");
    expect((await page.join("0", client.page.session)).response).toEqual({ reason: "invalid_token" });
    await lives();
  });

  it("a token of another view, of another visitor and of another file", async () => {
    const app = uploading({ accept: "any", maxEntries: 2 });
    const [ada, mallory] = [await open(app), await open(app)];
    const files = [ada.page.entry({ name: "a", content: "abc" }), ada.page.entry({ name: "b", content: "abc" })];
    const tokens = UploadClient.tokens(await ada.page.preflight(ada.page.uploadRef("photos"), files));
    expect((await mallory.page.join("0", tokens["0"])).response).toEqual({ reason: "disallowed" });
    expect(refusals(app).at(-1)).toContain("its token is of a view that this connection does not have");
    expect((await ada.page.join("1", tokens["0"])).response).toEqual({ reason: "invalid_token" });
    expect(refusals(app).at(-1)).toContain("its token is of another file");
    await ada.client.join();
    expect((await ada.page.join("0", tokens["0"])).response).toEqual({ reason: "disallowed" });
    await Promise.all([ada, mallory].map(({ client }) => client.event("check")));
  });

  it("`../` names: they are shown without their path, and no file has them", async () => {
    const { client, page } = await open(uploading({ accept: "any" }, ({ path }) => path));
    await page.upload("photos", [{ name: "../../../etc/passwd", content: "abc" }]);
    expect(text(client, "entries")).toBe("0:passwd:100:done:");
    await save(client);
    expect(text(client, "results")).toMatch(/\/wingbeat-upload-[\w-]{24}$/);
    expect(existsSync(join(directory, "../../../etc/passwd.tmp"))).toBe(false);
  });

  it("prototype keys", async () => {
    const { app, client, page, upload, lives } = await joined();
    const raw = `["${client.joinRef}","901","lv:phx-main","event",{"type":"form","event":"check","value":"","uploads":{"__proto__":[${JSON.stringify(page.entry({ name: "x", content: "x" }))}],"constructor":[]}}]`;
    client.receive(raw);
    await client.reply("901");
    const entry = {
      ...page.entry({ name: "__proto__", content: "x" }),
      meta: JSON.parse('{"__proto__":{"polluted":1}}') as unknown,
    };
    expect(await page.preflight(upload, [entry])).toHaveProperty("entries");
    expect(await page.progress(upload, "__proto__", 100)).toEqual({});
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(refusals(app).join("\n")).toContain('refused the files of the upload "__proto__"');
    expect(refusals(app).join("\n")).toContain(
      'refused "progress" from the page of /: its entry_ref is not a number as text',
    );
    await lives();
  });

  it("a flood of entries", async () => {
    const { app, client, page, upload, lives } = await joined();
    const flood = Array.from({ length: 500 }, () => page.entry({ name: "x", content: "x" }));
    const answer = await page.preflight(upload, flood);
    expect(answer["error"]).toContainEqual([upload, "too_many_files"]);
    expect(text(client, "entries").split(" ")).toHaveLength(102);
    expect(refusals(app).at(-1)).toBe(
      '[wingbeat] left out 399 files that the page of / has chosen for "photos", which takes 2',
    );
    await client.reply(
      client.push("allow_upload", {
        ref: upload,
        entries: Array.from({ length: 1_001 }, (_none, index) => ({ ref: String(index) })),
      }),
    );
    expect(refusals(app).at(-1)).toContain("an upload has more than 1000 files");
    await lives();
  });

  it("files that are allowed and never come, so that they hold no room, and tokens that come after that", async () => {
    const app = uploading({ accept: "any", chunkTimeoutMs: 20 }, undefined, { uploadsPerConnection: 1 });
    const { client, page } = await open(app);
    const upload = page.uploadRef("photos");
    const late = page.entry({ name: "late", content: "abc" });
    const tokens = UploadClient.tokens(await page.preflight(upload, [late]));
    await client.shows("0:late:0:started:timeout");
    expect(refusals(app)).toEqual([
      '[wingbeat] gave up the upload "late" of "photos" in /: it was allowed, and nothing has come for 20 ms',
    ]);
    expect((await page.join(late.ref, tokens[late.ref] ?? "")).response).toEqual({ reason: "disallowed" });
    await client.event("cancel", { ref: "0" });
    expect(await page.preflight(upload, [page.entry({ name: "next", content: "abc" })])).toHaveProperty("entries");
  });

  it("files that stop coming", async () => {
    const { app, client, joinRef, page, lives } = await joined({ chunkTimeoutMs: 20 });
    await page.chunk("0", joinRef, "ab");
    await client.shows("0:a:66:started:timeout");
    expect(refusals(app).at(-1)).toContain("nothing has come for 20 ms");
    await until(
      () => temporary().length === 0,
      () => "what had come to be gone",
    );
    await lives();
  });
});
