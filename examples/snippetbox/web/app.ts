// The app: which view answers which path, and who may see it.
import { createLiveApp, liveSession, type AppOptions, type LiveApp } from "wingbeat";
import { exampleClient, exampleFiles, exampleRoutes, exampleViews } from "../../app.ts";
import { layout as exampleLayout } from "../../layout.ts";
import { session as visitorSession } from "../../visitor.ts";
import { pubSub } from "../contexts/store.ts";
import { about } from "../live/about.ts";
import { bell } from "../live/bell.ts";
import { chat } from "../live/chat.ts";
import { deployments } from "../live/deployments.ts";
import { enter } from "../live/enter.ts";
import { exportPage } from "../live/export.ts";
import { find } from "../live/find.ts";
import { overview } from "../live/overview.ts";
import { snippetEditor } from "../live/snippet-editor.ts";
import { snippetList } from "../live/snippet-list.ts";
import { snippetPage } from "../live/snippet-page.ts";
import { welcome } from "../live/welcome.ts";
import { errorPage } from "./error-pages.ts";
import { createHttp } from "./http.ts";
import { layout } from "./layout.ts";
import { login, requireUser } from "./session.ts";

/** The longest snippet in one message: its 20 000 characters, each of which may take nine bytes as the browser writes a form. */
const MAX_MESSAGE_BYTES = 200_000;

export function createSnippetbox(options: AppOptions = {}): LiveApp {
  const http = createHttp(() => app);
  const app: LiveApp = createLiveApp({
    ...options,
    pubSub,
    session: (request: Request) => ({ ...login(request), ...visitorSession(request) }),
    layout,
    errorPage,
    limits: { maxMessageBytes: MAX_MESSAGE_BYTES, ...options.limits },
    title: { default: "Snippetbox", suffix: " · Snippetbox" },
    views: { ...exampleViews, bell },
    clientModule: exampleClient,
    routes: { "/": welcome, "/log-in": enter, "/sign-up": enter },
    liveSessions: [
      liveSession(
        "members",
        { onMount: [requireUser] },
        {
          "/snippets": snippetList,
          "/snippets/new": snippetEditor,
          "/snippets/:id": snippetPage,
          "/snippets/:id/edit": snippetEditor,
          "/find": find,
          "/chat/:room": chat,
          "/overview": overview,
          "/export": exportPage,
          "/deployments": deployments,
          "/about": about,
        },
      ),
      liveSession("examples", { layout: exampleLayout }, exampleRoutes),
    ],
    fetch: async (request) => {
      const response = exampleFiles(request) ?? (await http.fetch(request));
      return response.status === 404 ? undefined : response;
    },
  });
  return app;
}
