// What every page has around its content: the ways to the others, the bell, and what the last action has to say.
import { html, link, liveFlash, liveRender, memo, type Flash, type Renderable, type Rendered } from "wingbeat";
import type { User } from "../contexts/accounts.ts";
import { bell } from "./bell.ts";

const pages = [
  { path: "/snippets", name: "Snippets" },
  { path: "/find", name: "Find" },
  { path: "/chat/lobby", name: "Chat" },
  { path: "/overview", name: "Overview" },
  { path: "/deployments", name: "Deploy" },
  { path: "/export", name: "Export" },
  { path: "/about", name: "About" },
] as const;
type ShellPage = (typeof pages)[number];

/** The same for everybody who is on a page: `memo` has one of them render it for all. */
const ways = (current: ShellPage): Rendered => html`
  ${link({ navigate: "/", class: "brand" }, "Snippetbox")}
  <nav aria-label="Pages">
    ${pages.map((page) => link({ navigate: page.path, "aria-current": page === current ? "page" : undefined }, page.name))}
  </nav>`;

export type ShellProps = {
  readonly user: User;
  /** Which of the pages it belongs to. */
  readonly here: ShellPage["path"];
  readonly flash: Flash;
  readonly csrfToken: string;
};

export function shell({ user, here, flash, csrfToken }: ShellProps, content: Renderable): Rendered {
  const current = pages.find(({ path }) => path === here) ?? pages[0];
  return html`
    <a class="skip" href="#main">To the content</a>
    <header class="top">
      ${memo(current, ways)}
      ${liveRender(bell, { id: "bell", sticky: true })}
      <form class="me" method="post" action="/log-out">
        <input type="hidden" name="_csrf_token" value="${csrfToken}">
        <span>${user.name}${user.isGuest && html` <small>guest</small>`}</span>
        <button class="quiet">Log out</button>
      </form>
    </header>
    ${liveFlash({ flash, kind: "info", rest: { class: "flash" } })}
    ${liveFlash({ flash, kind: "error", rest: { class: "flash bad" } })}
    <main id="main" tabindex="-1">${content}</main>`;
}
