// The front page: what this is, a way in for everybody, and the small examples.
import { createLiveView, html, link, type Rendered } from "wingbeat";
import { examples } from "../../layout.ts";

type Session = { userId?: string };

const points = [
  ["Snippets that change before your eyes", "Somebody adds, edits or deletes one: every list and every page shows it."],
  ["You see who is there", "Who looks at it with you, who is typing in the chat, who is online."],
  ["Nothing gets lost", "What you type survives a broken line and a restart of the server."],
  ["Work goes on without you", "Exports and deployments run in the background; all your tabs show how far they are."],
] as const;

export const welcome = createLiveView<{ isIn: boolean }, never, never, Session>({
  mount: (socket, { userId }) => socket.assign({ isIn: userId !== undefined }),

  render: ({ isIn }, { csrfToken }) => html`
    <header class="top">${link({ navigate: "/", class: "brand" }, "Snippetbox")}</header>
    <main class="front">
      <h1>Share code, and see what others do with it while they do it</h1>
      <p class="lede">Open it twice, side by side, or send the address to a friend.</p>
      ${
        isIn
          ? html`<p>${link({ href: "/snippets", class: "button" }, "To the snippets")}</p>`
          : html`<div class="line">${guestButton(csrfToken)}
              ${link({ href: "/sign-up", class: "button" }, "Sign up")} ${link({ href: "/log-in", class: "button" }, "Log in")}</div>`
      }
      <dl class="points">${points.map(([name, about]) => html`<div><dt>${name}</dt><dd>${about}</dd></div>`)}</dl>
      <h2 class="section">Small examples, one idea each</h2>
      <ul class="cards tiles">
        ${Object.entries(examples).map(
          ([path, { name, about }]) =>
            html`<li class="card"><div><h3>${link({ href: path }, name)}</h3><p>${about}</p></div></li>`,
        )}
      </ul>
    </main>`,
});

/** Nobody must sign up to look. */
export function guestButton(csrfToken: string, look: "primary" | "quiet" = "primary"): Rendered {
  return html`<form method="post" action="/guest">
    <input type="hidden" name="_csrf_token" value="${csrfToken}">
    <button class="${look}">Try it as a guest</button>
  </form>`;
}
