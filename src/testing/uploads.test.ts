import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  createLiveApp,
  createLiveView,
  html,
  liveFileInput,
  SingleProcessPubSub,
  type ExternalUpload,
  type LiveUpload,
  type UploadedFile,
  type UploadOptions,
} from "wingbeat";
import { closePages, visit, type ExternalEntry } from "wingbeat/testing";

const directory = mkdtempSync(join(tmpdir(), "wingbeat-uploads-kit-"));
afterEach(closePages);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Event = { type: "check" | "save" | "crash" } | { type: "cancel"; ref: string };

function album<U>(options: UploadOptions<U>, read: (uploaded: U) => string) {
  const view = createLiveView<{ files: LiveUpload<U>; saved: string }, Event>({
    initial: { saved: "" },
    mount: (socket) => socket.allowUpload("files", options),
    handleEvent: async (event, socket) => {
      if (event.type === "crash") throw new Error("crash as told");
      if (event.type === "cancel") return socket.cancelUpload("files", event.ref);
      if (event.type !== "save") return;
      const saved = await socket.consumeUploadedEntries(
        "files",
        (uploaded, { clientName }) => `${clientName}=${read(uploaded)}`,
      );
      socket.assign({ saved: saved.join(" ") });
    },
    render: ({ files, saved }, meta) => html`
      <form id="form" phx-change="check" phx-submit="save">${liveFileInput({ upload: files })}<button>Save</button></form>
      <ul>${files.entries.map((entry) => html`<li>${entry.clientName} ${entry.progress}% ${entry.errors.map(({ code }) => code).join()} <button phx-click="${meta.event("cancel", { ref: entry.ref })}">Cancel</button></li>`)}</ul>
      <p id="errors">${files.errors.map(({ code }) => code).join()}</p>
      <p id="saved">${saved}</p>
      <button id="crash" phx-click="crash">Crash</button>`,
  });
  return createLiveApp({
    routes: { "/": view },
    pubSub: new SingleProcessPubSub({ isolated: true }),
    uploads: { directory },
    logger: { info() {}, warn() {}, error() {} },
  });
}
const onDisk = (options: { readonly maxEntries?: number; readonly autoUpload?: boolean } = {}) =>
  album<UploadedFile>({ accept: [".txt"], maxEntries: 2, chunkSize: 2, ...options }, ({ path }) =>
    readFileSync(path, "utf8"),
  );
const items = async (page: Awaited<ReturnType<typeof visit>>): Promise<string[]> =>
  page.elements("li").map((item) => item.text());

describe("uploads in tests", () => {
  it("are sent with the form, as far as the test lets them", async () => {
    const page = await visit(onDisk(), "/");
    await page.element("input").upload(
      [
        { name: "a.txt", content: "long day" },
        { name: "b.txt", content: "x" },
      ],
      { stopAt: 50 },
    );
    expect(await items(page)).toEqual(["a.txt 0% Cancel", "b.txt 0% Cancel"]);
    await page.element("form").submit();
    expect(await items(page)).toEqual(["a.txt 50% Cancel", "b.txt 0% Cancel"]);
    expect(page.element("form button").isDisabled).toBe(true);
    await page.element("input").continueUpload(75);
    expect(await items(page)).toEqual(["a.txt 75% Cancel", "b.txt 0% Cancel"]);
    await page.element("input").continueUpload();
    expect(page.element("#saved").text()).toBe("a.txt=long day b.txt=x");
    expect(await items(page)).toEqual([]);
    expect(page.element("form button").isDisabled).toBe(false);
  });

  it("are not sent while files are wrong, and are cancelled by the user", async () => {
    const page = await visit(onDisk(), "/");
    await page.element("input").upload([
      { name: "a.exe", content: "1" },
      { name: "b.txt", content: "2" },
    ]);
    await page.element("input").upload({ name: "c.txt", content: "3" });
    expect(page.element("#errors").text()).toBe("too_many_files");
    await page.element("form").submit();
    expect(page.element("#saved").text()).toBe("");
    await page.elements("li button")[0]?.click();
    expect(await items(page)).toEqual(["b.txt 0% Cancel", "c.txt 0% Cancel"]);
    await page.element("form").submit();
    expect(page.element("#saved").text()).toBe("b.txt=2 c.txt=3");
  });

  it("are gone with their view, which says so until others are chosen", async () => {
    const page = await visit(onDisk(), "/");
    await page.element("input").upload([
      { name: "a.txt", content: "1" },
      { name: "b.exe", content: "2" },
    ]);
    await page.crash();
    expect([await items(page), page.element("#errors").text()]).toEqual([[], "interrupted"]);
    await page.element("input").upload({ name: "c.txt", content: "3" });
    await page.element("form").submit();
    expect([page.element("#errors").text(), page.element("#saved").text()]).toEqual(["", "c.txt=3"]);
  });

  it("go on with the others when one is cancelled on its way", async () => {
    const page = await visit(onDisk(), "/");
    await page.element("input").upload(
      [
        { name: "a.txt", content: "long day" },
        { name: "b.txt", content: "22" },
      ],
      { stopAt: 50 },
    );
    await page.element("form").submit();
    await page.elements("li button")[0]?.click();
    await page.element("input").continueUpload();
    expect(page.element("#saved").text()).toBe("b.txt=22");
  });

  it("go by themselves where they do in a browser", async () => {
    const page = await visit(onDisk({ autoUpload: true }), "/");
    await page.element("input").upload({ name: "a.txt", content: "long day" });
    expect(await items(page)).toEqual(["a.txt 100% Cancel"]);
    await page.element("form").submit();
    expect(page.element("#saved").text()).toBe("a.txt=long day");
  });

  it("are lost with the view and with the line, and begin anew", async () => {
    const page = await visit(onDisk(), "/");
    await page.element("input").upload({ name: "a.txt", content: "long day" }, { stopAt: 50 });
    await page.element("form").submit();
    await page.crash();
    expect(await items(page)).toEqual([]);
    await page.element("input").upload({ name: "a.txt", content: "long day" }, { stopAt: 50 });
    await page.element("form").submit();
    await page.disconnect();
    await page.reconnect();
    expect(await items(page)).toEqual([]);
    await page.element("input").upload({ name: "a.txt", content: "long day" });
    await page.element("form").submit();
    expect(page.element("#saved").text()).toBe("a.txt=long day");
  });

  it("go to the uploader of the page that the view names", async () => {
    const app = album<ExternalUpload & { url: string }>(
      { accept: "any", external: ({ clientName }) => ({ uploader: "Store", url: `/store/${clientName}` }) },
      ({ url }) => url,
    );
    let sent: ExternalEntry | undefined;
    const page = await visit(app, "/", { uploaders: { Store: ([entry]) => (sent = entry) } });
    await page.element("input").upload({ name: "a", content: "abc" });
    await page.element("form").submit();
    expect(sent?.meta).toEqual({ uploader: "Store", url: "/store/a" });
    sent?.progress(30);
    await page.settled();
    expect(await items(page)).toEqual(["a 30% Cancel"]);
    sent?.progress(100);
    await page.settled();
    expect(page.element("#saved").text()).toBe("a=/store/a");

    const without = await visit(app, "/");
    await without.element("input").upload({ name: "a", content: "abc" });
    await expect(without.element("form").submit()).rejects.toThrow('A view wants the uploader "Store" for "a"');
  });

  it("say what a user could not do", async () => {
    const page = await visit(onDisk({ maxEntries: 1 }), "/");
    await expect(page.element("#crash").upload({ name: "a", content: "" })).rejects.toThrow("it is no file input");
    const two = [
      { name: "a", content: "1" },
      { name: "b", content: "1" },
    ];
    await expect(page.element("input").upload(two)).rejects.toThrow("it takes one file, and not 2");
    await expect(page.element("input").change("a.txt")).rejects.toThrow(
      "files are chosen by upload([{ name, content }])",
    );
  });
});
