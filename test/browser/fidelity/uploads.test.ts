/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import {
  createLiveComponent,
  createLiveView,
  html,
  liveComponent,
  liveFileInput,
  type LiveUpload,
  type UploadOptions,
} from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario } from "./both.ts";

// What the client makes of chosen files, of those that are wrong, and of the form around them.

const tools = useBrowser();
const directory = mkdtempSync(join(tmpdir(), "wingbeat-uploads-fidelity-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Event = { type: "check" | "save" | "crash" } | { type: "cancel"; ref: string };
interface Album {
  files: LiveUpload;
  saved: string;
  told: string;
}

const rowsOf = (files: LiveUpload) =>
  files.entries.map(
    ({ ref, clientName, progress, errors }) =>
      html`<li>${clientName} ${progress} ${errors.map((error) => ("reason" in error ? error.reason : error.code)).join()} <button id="cancel-${clientName.replace(".", "-")}" phx-click="cancel" phx-value-ref="${ref}">Cancel</button></li>`,
  );
const read = ({ path }: { readonly path: string }, { clientName }: { readonly clientName: string }): string =>
  `${clientName}: ${readFileSync(path, "utf8")}`;

const album = (options: UploadOptions): Scenario => ({
  options: { uploads: { directory } },
  routes: () => ({
    "/": createLiveView<Album, Event>({
      initial: { saved: "", told: "" },
      mount: (socket) =>
        socket.allowUpload("files", {
          ...options,
          progress: ({ isDone, clientName }) => {
            // Several come at a time, and each as fast as the disk.
            if (isDone) socket.assign({ told: [...socket.context.told.split(" "), clientName].sort().join(" ") });
          },
        }),
      handleEvent: async (event, socket) => {
        if (event.type === "crash") throw new Error("crash as told");
        if (event.type === "cancel") return socket.cancelUpload("files", event.ref);
        if (event.type !== "save") return;
        const saved = await socket.consumeUploadedEntries("files", read);
        socket.assign({ saved: saved.join("; ") });
      },
      render: ({ files, saved, told }) => html`
        <form id="form" phx-change="check" phx-submit="save">
          <input id="title" name="title">${liveFileInput({ upload: files })}<button id="save" phx-disable-with="Sending">Save</button>
        </form>
        <ul>${rowsOf(files)}</ul>
        <p>${files.errors.map(({ code }) => code).join()}</p><p id="saved">${saved}</p><p>${told}</p>
        <button id="crash" phx-click="crash">Crash</button>`,
    }),
  }),
});

const INPUT = "input[type=file]";
const text = (name: string, content = name) => ({ name, content, type: "text/plain" });

describe("uploads", () => {
  it("go with the form, once what is wrong was cancelled", async () => {
    const [page] = await openBoth(
      tools,
      album({ accept: [".txt"], maxEntries: 2, maxFileSize: 20, chunkSize: 4 }),
      "/",
    );
    await page!.upload(INPUT, text("a.txt", "the first of two"), text("long.txt", "longer than twenty bytes"));
    await page!.click("#save");
    await page!.upload(INPUT, { name: "b.exe", content: "1" });
    await page!.fill("#title", "Letters");
    await page!.click("#cancel-long-txt");
    await page!.click("#cancel-b-exe");
    await page!.upload(INPUT, text("b.txt"));
    await page!.click("#save");
    page!.reads("#saved", "a.txt: the first of two; b.txt: b.txt");
    await page!.upload(INPUT, text("c.txt"));
    await page!.click("#save");
    page!.reads("#saved", "c.txt: c.txt");
  });

  it("keep the form from being sent while the server does not want a file", async () => {
    const verify = (start: Uint8Array): string | undefined => (start[0] === 33 ? "No shouting." : undefined);
    const [page] = await openBoth(tools, album({ accept: "any", maxEntries: 2, verify, chunkSize: 2 }), "/");
    await page!.upload(INPUT, text("a.txt", "fine"));
    await page!.click("#save");
    page!.reads("#saved", "a.txt: fine");
    await page!.upload(INPUT, text("b.txt", "!now"), text("c.txt", "fine"));
    await page!.click("#save");
    await page!.click("#cancel-b-txt");
    page!.reads("#saved", "c.txt: fine");
  });

  it("go by themselves, with or without the form", async () => {
    const [page] = await openBoth(
      tools,
      album({ accept: [".txt"], maxEntries: 3, autoUpload: true, chunkSize: 2 }),
      "/",
    );
    await page!.upload(INPUT, text("a.txt"), { name: "b.exe", content: "1" });
    await page!.upload(INPUT, text("c.txt"), text("d.txt"));
    await page!.click("#cancel-b-exe");
    await page!.click("#save");
    page!.reads("#saved", "a.txt: a.txt; c.txt: c.txt; d.txt: d.txt");
  });

  it("are forgotten with the view and with the line", async () => {
    const [page] = await openBoth(tools, album({ accept: "any", maxEntries: 2 }), "/");
    await page!.upload(INPUT, text("a.txt"));
    await page!.crash("#crash");
    await page!.upload(INPUT, text("b.txt"));
    await page!.disconnect();
    await page!.reconnect();
    await page!.click("#save");
    page!.reads("#saved", "");
    await page!.upload(INPUT, text("c.txt"));
    await page!.click("#save");
    page!.reads("#saved", "c.txt: c.txt");
  });

  it("belong to the live component around them", async () => {
    const field = createLiveComponent<{ label: string }, { files: LiveUpload; saved: string }, Event>({
      initial: { saved: "" },
      mount: (socket) => socket.allowUpload("files", { accept: "any", maxEntries: 2 }),
      handleEvent: async (event, socket) => {
        if (event.type !== "save") return;
        socket.assign({ saved: (await socket.consumeUploadedEntries("files", read)).join("; ") });
      },
      render: ({ files, saved, label }, meta) =>
        html`<form id="form-${label}" phx-change="check" phx-submit="save" phx-target="${meta.self}">${liveFileInput({ upload: files }, { "aria-label": label })}<ul>${rowsOf(files)}</ul><button id="save-${label}">Save</button><p id="saved-${label}">${saved}</p></form>`,
    });
    const view = createLiveView<{}>({
      render: () =>
        html`<div>${liveComponent(field, { id: "a", label: "a" })}${liveComponent(field, { id: "b", label: "b" })}</div>`,
    });
    const [page] = await openBoth(tools, { options: { uploads: { directory } }, routes: () => ({ "/": view }) }, "/");
    await page!.upload("[aria-label=b]", text("one.txt"), text("two.txt"));
    await page!.click("#save-b");
    page!.reads("#saved-b", "one.txt: one.txt; two.txt: two.txt");
    page!.reads("#saved-a", "");
  });
});
