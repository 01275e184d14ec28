// How people are shown: initials in a circle of their own colour, with their name for whoever cannot see it.
import { each, html, type Presences, type Rendered } from "wingbeat";
import type { Here } from "../contexts/presence.ts";

export function avatar(id: string, name: string): Rendered {
  return html`<span class="avatar" role="img" aria-label="${name}" title="${name}" style="--hue: ${hueOf(id)}">${initials(name)}</span>`;
}

/** As many as there is room for on a phone. */
const MOST = 5;

/** Everybody once, however many tabs they have open. */
export function avatars(who: Presences<Here>): Rendered {
  const people = Object.entries(who);
  const others = people.length - MOST;
  return html`<ul class="avatars">${each(
    people.slice(0, MOST),
    ([id]) => id,
    ([id, { metas }]) => html`<li>${avatar(id, metas.at(-1)?.name ?? "")}</li>`,
  )}</ul>${others > 0 && html`<span>+${others}</span>`}`;
}

/** `"Ada is typing…"`; empty if nobody is but `me`. */
export function whoTypes(who: Presences<Here>, me: string): string {
  const names = Object.entries(who)
    .filter(([id, { metas }]) => id !== me && metas.some(({ typing }) => typing))
    .map(([, { metas }]) => metas.at(-1)?.name ?? "");
  if (names.length === 0) return "";
  if (names.length > 2) return `${names.length} people are typing…`;
  return `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing…`;
}

export function initials(name: string): string {
  return name
    .split(/\s+/, 2)
    .map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0].toUpperCase() ?? "")
    .join("");
}

function hueOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) % 360;
  return hash;
}
