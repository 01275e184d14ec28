// The front page: what this is, a way in for everybody, and the small examples.
import { createLiveView, html, link } from "wingbeat";
import { examples } from "../../layout.ts";

type Session = { userId?: string };

export const welcome = createLiveView<{ isIn: boolean }, never, never, Session>({
  mount: (socket, { userId }) => socket.assign({ isIn: userId !== undefined }),

  render: ({ isIn }, { csrfToken }) => html`
    <main>
      <h1>Snippetbox</h1>
      <p>Share snippets of code, and see what others do with them while they do it. Open it twice, side by side.</p>
      ${
        isIn
          ? html`<p>${link({ href: "/snippets", class: "button" }, "To the snippets")}</p>`
          : html`<form class="line" method="post" action="/guest">
              <input type="hidden" name="_csrf_token" value="${csrfToken}">
              <button class="primary">Try it as a guest</button>
              ${link({ href: "/sign-up", class: "button" }, "Sign up")} ${link({ href: "/log-in", class: "button" }, "Log in")}
            </form>`
      }
      <h2 class="section">Small examples, one idea each</h2>
      <ul class="cards tiles">
        ${Object.entries(examples).map(
          ([path, { name, about }]) =>
            html`<li class="card"><div><h3>${link({ href: path }, name)}</h3><p>${about}</p></div></li>`,
        )}
      </ul>
    </main>`,
});
