// All of one's snippets as a ZIP. The page only shows how far it is: leave it, come back, open it twice.
import { createLiveView, html, type Rendered } from "wingbeat";
import { exportsTopic, latestExport, startExport, type Export, type ExportMessage } from "../contexts/exports.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";
import { clockTime } from "./times.ts";

/** One whose process is gone says nothing any more, so the page asks. */
const CHECK_MS = 2_000;

type Context = Session & { latest: Export | undefined };
type Infos = ExportMessage | { type: "check" };

export const exportPage = createLiveView<Context, { type: "start" }, Infos, Session>({
  mount: async (socket, { currentUser }) => {
    socket.pageTitle("Export");
    await socket.subscribe(exportsTopic(currentUser.id));
    socket.sendInfoEvery(CHECK_MS, "check");
    socket.assign({ currentUser, latest: await latestExport(currentUser.id) });
  },

  handleEvent: async (_start, socket) => socket.assign({ latest: await startExport(socket.context.currentUser) }),

  handleInfo: async (info, socket) => {
    if (info.type === "check") socket.assign({ latest: await latestExport(socket.context.currentUser.id) });
    // What was said of an earlier one may come late.
    else if (info.export.id >= (socket.context.latest?.id ?? "")) socket.assign({ latest: info.export });
  },

  render: ({ currentUser: user, latest }, { flash, csrfToken }) =>
    shell(
      { user, here: "/export", flash, csrfToken },
      html`
        <h1>Export</h1>
        <p>All of your snippets in one ZIP file. It is made in the background: you may leave this page meanwhile.</p>
        <p><button class="primary" phx-click="start" disabled="${latest?.status === "running"}" phx-disable-with="Starting…">
          ${latest === undefined ? "Start the export" : "Export again"}</button></p>
        <div role="status">${latest === undefined ? html`<p class="empty">Nothing has been exported yet.</p>` : state(latest)}</div>`,
    ),
});

function state({ id, status, progress, expires_at }: Export): Rendered {
  switch (status) {
    case "running":
      return html`<label>Packing… <progress max="100" value="${progress}"></progress> ${progress} %</label>`;
    case "done":
      return html`<p class="notice"><a class="button" href="/exports/${id}.zip" download>Download</a>
        until ${clockTime(expires_at)} UTC</p>`;
    case "expired":
      return html`<p class="notice">The last export has expired.</p>`;
    case "interrupted":
      return html`<p class="notice bad">The server that made it has stopped at ${progress} %. Start it again.</p>`;
    case "failed":
      return html`<p class="notice bad">It has failed. Start it again.</p>`;
  }
}
