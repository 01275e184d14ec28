// Times as people read them. The exact one is in the element for whoever needs it.
import { html, type Rendered } from "wingbeat";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "just now", "2 m ago", "3 h ago", "4 d ago", then the date. */
export function agoText(ms: number, now: number): string {
  const age = now - ms;
  if (age < MINUTE_MS) return "just now";
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} m ago`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)} h ago`;
  if (age < 30 * DAY_MS) return `${Math.floor(age / DAY_MS)} d ago`;
  return dateText(ms);
}

export function timeAgo(ms: number, now: number): Rendered {
  return html`<time datetime="${new Date(ms).toISOString()}">${agoText(ms, now)}</time>`;
}

/** The hour and the minute, of UTC as everything here. */
export function clockTime(ms: number): Rendered {
  const iso = new Date(ms).toISOString();
  return html`<time datetime="${iso}" title="${iso.slice(0, 16).replace("T", " ")} UTC">${iso.slice(11, 16)}</time>`;
}

export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
