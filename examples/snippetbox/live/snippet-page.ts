// One snippet, as it is: an edit elsewhere shows at once, and so does who else looks at it or is changing it.
import { createLiveView, html, link, memo, safe, type PresenceDiff, type Presences, type Rendered } from "wingbeat";
import { languageName } from "../contexts/languages.ts";
import { isId } from "../contexts/ids.ts";
import { presence, snippetPresence, type Here } from "../contexts/presence.ts";
import {
  countView,
  deleteSnippet,
  findSnippet,
  snippetTopic,
  type Snippet,
  type SnippetMessage,
} from "../contexts/snippets.ts";
import { highlight } from "../web/highlight.ts";
import { avatars, whoTypes } from "./people.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";
import { dateText } from "./times.ts";

type Context = Session & { snippet: Snippet; isDeleted: boolean; who: Presences<Here> };
type Infos = SnippetMessage | PresenceDiff<Here>;

export const snippetPage = createLiveView<Context, { type: "delete" }, Infos, Session, { id: string }>({
  mount: async (socket, { currentUser }, { id }) => {
    if (!isId(id)) throw missing(id);
    const here = snippetPresence(id);
    await Promise.all([socket.subscribe(snippetTopic(id)), socket.subscribe(here)]);
    const snippet = await findSnippet(id);
    if (snippet === undefined) throw missing(id);
    // A page that loads is mounted twice, and once more after each broken line: all of that is one view.
    if (!socket.connected || socket.navigation.type === "navigate") await countView(id);
    await presence.track(socket, here, currentUser.id, { name: currentUser.name, typing: false });
    socket.pageTitle(snippet.title);
    socket.assign({ currentUser, snippet, isDeleted: false, who: presence.list(here) });
  },

  handleEvent: async (_delete, socket) => {
    const { currentUser, snippet } = socket.context;
    if (!(await deleteSnippet(currentUser, snippet.id)))
      return socket.putFlash("error", "That is not yours to delete.");
    socket.putFlash("info", `“${snippet.title}” is deleted.`);
    // The way back does not lead to what is no more.
    socket.pushNavigate("/snippets", {}, { replace: true });
  },

  handleInfo: (info, socket) => {
    if (info.type === "presence_diff") socket.assign({ who: presence.syncDiff(socket.context.who, info) });
    else if (info.type === "snippet_deleted") socket.assign({ isDeleted: true });
    else {
      socket.pageTitle(info.snippet.title);
      socket.assign({ snippet: info.snippet });
    }
  },

  onGap: "remount",

  render: ({ currentUser: user, snippet, isDeleted, who }, { flash, csrfToken }) =>
    shell(
      { user, here: "/snippets", flash, csrfToken },
      html`
        <div class="title"><h1>${snippet.title}</h1>
          ${
            user.id === snippet.owner_id &&
            !isDeleted &&
            html`<span class="actions">${link({ navigate: `/snippets/${snippet.id}/edit`, class: "button" }, "Edit")}
              <button class="danger" phx-click="delete" data-confirm="Delete “${snippet.title}”?">Delete</button></span>`
          }</div>
        <p class="quiet">${snippet.owner} · ${languageName(snippet.language)} · ${dateText(snippet.updated_at)}</p>
        <div class="watchers"><span id="viewing">${Object.keys(who).length} viewing</span> ${avatars(who)}
          <span class="quiet" role="status">${whoTypes(who, user.id)}</span></div>
        <pre class="code" role="region" tabindex="0" aria-label="Code">${memo(snippet, coloured)}</pre>
        <div role="status">${isDeleted && html`<p class="notice below">Its owner has deleted it. This is how it was.</p>`}</div>`,
    ),
});

/** Takes its time: of all who look at it when it changes, `memo` has one do it. */
const coloured = ({ content, language }: Snippet): Rendered => html`<code>${safe(highlight(content, language))}</code>`;

function missing(id: string): Error {
  return Object.assign(new Error(`no snippet ${id.slice(0, 40)}`), { status: 404 });
}
