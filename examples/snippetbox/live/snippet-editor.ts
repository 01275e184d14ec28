// The form of a snippet, new or old. Whoever looks at the old one sees that its owner is typing.
import { createLiveView, form, input, link, liveForm, html } from "wingbeat";
import type { Form, FormEvent, LiveSocket } from "wingbeat";
import { languageName, languages } from "../contexts/languages.ts";
import { presence, snippetPresence } from "../contexts/presence.ts";
import {
  createSnippet,
  findSnippet,
  snippetFields,
  updateSnippet,
  type Snippet,
  type SnippetFields,
} from "../contexts/snippets.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";

/** How long after the last key its author still counts as typing, in milliseconds. */
const TYPING_MS = 3_000;

type Context = Session & {
  /** `undefined`: it is a new one. */
  snippet: Snippet | undefined;
  form: Form<typeof snippetFields>;
  typedMs: number;
};
type Infos = { type: "rested" };
type Socket = LiveSocket<Context, Infos>;

export const snippetEditor = createLiveView<Context, FormEvent<"change" | "save">, Infos, Session, { id?: string }>({
  mount: async (socket, { currentUser }, { id }) => {
    const snippet = id === undefined ? undefined : await findSnippet(id);
    if (id !== undefined && snippet?.owner_id !== currentUser.id) {
      // Whose page has no such button may still know the address.
      throw Object.assign(new Error(`${currentUser.name} may not edit ${id}`), { status: snippet ? 403 : 404 });
    }
    socket.pageTitle(snippet === undefined ? "New snippet" : `Edit ${snippet.title}`);
    const { title = "", language = "plaintext", content = "" } = snippet ?? {};
    socket.assign({ currentUser, snippet, form: form(snippetFields, { title, language, content }), typedMs: 0 });
    if (snippet !== undefined) {
      await presence.track(socket, snippetPresence(snippet.id), currentUser.id, {
        name: currentUser.name,
        typing: false,
      });
    }
  },

  handleEvent: async (event, socket) => {
    const entered = socket.context.form.update(event);
    socket.assign({ form: entered, typedMs: Date.now() });
    if (event.type === "change") {
      socket.sendInfoAfter(TYPING_MS, "rested");
      return setTyping(socket, true);
    }
    if (entered.isValid) await save(socket, entered.value);
  },

  handleInfo: (_rested, socket) => {
    if (Date.now() - socket.context.typedMs >= TYPING_MS) return setTyping(socket, false);
    return undefined;
  },

  render: ({ currentUser: user, snippet, form: entered }, { flash, csrfToken }) =>
    shell(
      { user, here: "/snippets", flash, csrfToken },
      html`
        <h1>${snippet === undefined ? "New snippet" : "Edit"}</h1>
        ${liveForm(
          { form: entered, change: "change", submit: "save" },
          html`
            ${input({ field: entered.field("title"), label: "Title", ...look, attrs: { maxlength: 80, "phx-debounce": 300 } })}
            ${input({ field: entered.field("language"), type: "select", label: "Language", choices, ...look })}
            ${input({
              field: entered.field("content"),
              type: "textarea",
              label: "Code",
              ...look,
              attrs: { maxlength: 20_000, spellcheck: "false", "phx-debounce": 300 },
            })}
            <div class="line"><button class="primary" phx-disable-with="Saving…">Save</button>
              ${link({ navigate: snippet === undefined ? "/snippets" : `/snippets/${snippet.id}` }, "Cancel")}</div>`,
        )}`,
    ),
});

const look = { class: "field", errorsClass: "error" } as const;
const choices = languages.map((language) => ({ value: language, label: languageName(language) }));

async function save(socket: Socket, fields: SnippetFields): Promise<void> {
  const { currentUser, snippet } = socket.context;
  const saved =
    snippet === undefined
      ? await createSnippet(currentUser, fields)
      : await updateSnippet(currentUser, snippet.id, fields);
  if (saved === undefined) return socket.putFlash("error", "It was deleted meanwhile, so it could not be saved.");
  socket.putFlash("info", `“${saved.title}” is saved.`);
  socket.pushNavigate(`/snippets/${saved.id}`);
}

async function setTyping(socket: Socket, typing: boolean): Promise<void> {
  const { snippet, currentUser } = socket.context;
  if (snippet === undefined) return;
  // Of a meta that is as it was, nobody is told.
  await presence.update(socket, snippetPresence(snippet.id), currentUser.id, (meta) => ({ ...meta, typing }));
}
