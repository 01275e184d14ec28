// All snippets, the latest on top. The list is a stream: it lives on the page, and every change is one row.
import { createLiveView, html, link, memo, type LiveStream, type Rendered } from "wingbeat";
import { languageName } from "../contexts/languages.ts";
import { listSnippets, snippetsTopic, type Snippet, type SnippetMessage } from "../contexts/snippets.ts";
import { avatar } from "./people.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";
import { dateText } from "./times.ts";

const SHOWN = 50;

type Context = Session & { snippets: LiveStream<Snippet> };

export const snippetList = createLiveView<Context, never, SnippetMessage, Session>({
  mount: async (socket, { currentUser }) => {
    socket.pageTitle("Snippets");
    // First subscribe, then read: what changes in between arrives as a message.
    await socket.subscribe(snippetsTopic);
    socket.assign({ currentUser });
    socket.stream("snippets", await listSnippets(SHOWN));
  },

  handleInfo: (info, socket) => {
    const { snippet } = info;
    if (info.type === "snippet_created") socket.streamInsert("snippets", snippet, { at: 0, limit: SHOWN });
    else if (info.type === "snippet_updated") socket.streamInsert("snippets", snippet, { updateOnly: true });
    else socket.streamDelete("snippets", snippet);
  },

  handleGap: async (_gap, socket) => socket.stream("snippets", await listSnippets(SHOWN), { reset: true }),

  render: ({ currentUser: user, snippets }, { flash, csrfToken }) =>
    shell(
      { user, here: "/snippets", flash, csrfToken },
      html`
        <div class="title"><h1>Snippets</h1>${link({ navigate: "/snippets/new", class: "button" }, "New snippet")}</div>
        <ul id="snippets" class="cards" phx-update="stream">
          <li id="snippets-none" class="empty">No snippets yet. Be the first.</li>
          ${snippets.map((_domId, snippet) => memo(snippet, row))}
        </ul>`,
    ),
});

const row = ({ id, title, language, content, owner, owner_id, created_at }: Snippet): Rendered => html`
  <li id="snippets-${id}" class="card">
    ${avatar(owner_id, owner)}
    <div>
      <h2>${link({ navigate: `/snippets/${id}` }, title)}</h2>
      <p class="quiet">${owner} · ${languageName(language)} · ${dateText(created_at)}</p>
      <pre class="peek"><code>${content.slice(0, 160)}</code></pre>
    </div>
  </li>`;
