// Figures and what happens, live. The figures are counted in the data every five seconds and whenever something happens.
import {
  createLiveView,
  html,
  link,
  type LiveStream,
  type PresenceDiff,
  type Presences,
  type Rendered,
} from "wingbeat";
import { activitiesTopic, recentActivities, type Activity } from "../contexts/activities.ts";
import { changeOf, figures, type Day, type Figure, type Figures } from "../contexts/figures.ts";
import { everybody, presence, type Here } from "../contexts/presence.ts";
import { barChart } from "./charts.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";
import { clockTime } from "./times.ts";

const REFRESH_MS = 5_000;
const SHOWN = 20;

type Context = Session & { figures: Figures; who: Presences<Here>; activities: LiveStream<Activity> };
type Infos = { type: "activity"; activity: Activity } | PresenceDiff<Here> | { type: "refresh" };

export const overview = createLiveView<Context, never, Infos, Session>({
  mount: async (socket, { currentUser }) => {
    socket.pageTitle("Overview");
    await Promise.all([socket.subscribe(activitiesTopic), socket.subscribe(everybody)]);
    socket.sendInfoEvery(REFRESH_MS, "refresh");
    const [activities, counted] = await Promise.all([recentActivities(SHOWN), figures()]);
    socket.stream("activities", activities);
    socket.assign({ currentUser, figures: counted, who: presence.list(everybody) });
  },

  handleInfo: async (info, socket) => {
    if (info.type === "presence_diff") return socket.assign({ who: presence.syncDiff(socket.context.who, info) });
    if (info.type === "activity") socket.streamInsert("activities", info.activity, { at: 0, limit: SHOWN });
    socket.assign({ figures: await figures() });
  },

  onGap: "remount",

  render: ({ currentUser: user, figures: { snippets, people, views, messages, days }, who, activities }, meta) =>
    shell(
      { user, here: "/overview", flash: meta.flash, csrfToken: meta.csrfToken },
      html`
        <h1>Overview</h1>
        <div class="figures">
          ${card("Snippets", snippets)} ${card("People", people)}
          ${active(Object.keys(who).length)}
          ${card("Views today", views)} ${card("Messages today", messages)}
        </div>
        <div class="figures wide">
          ${barChart({ title: "Views, the last seven days", bars: barsOf(days, ({ views }) => views) })}
          ${barChart({ title: "New snippets, the last seven days", bars: barsOf(days, ({ snippets }) => snippets) })}
        </div>
        <h2>What happens</h2>
        <ul id="activities" class="feed" phx-update="stream">
          <li id="activities-none" class="empty">Nothing has happened yet.</li>
          ${activities.map(
            (domId, { text, path, created_at }) =>
              html`<li id="${domId}">${link({ navigate: path }, text)} ${clockTime(created_at)}</li>`,
          )}
        </ul>`,
    ),
});

const barsOf = (days: readonly Day[], of: (day: Day) => number) =>
  days.map((day) => ({ name: day.day, value: of(day) }));

function card(name: string, figure: Figure): Rendered {
  const change = changeOf(figure);
  const text = change === undefined ? "" : `${change > 0 ? "+" : ""}${change} % on yesterday`;
  return html`
    <section class="figure" aria-label="${name}"><h2>${name}</h2><p><strong>${figure.now}</strong>
      <span class="${change !== undefined && change < 0 ? "down" : "up"}">${text}</span></p></section>`;
}

function active(count: number): Rendered {
  return html`
    <section class="figure" aria-label="Active people"><h2>Active people</h2>
      <p><strong id="active">${count}</strong> <span>right now</span></p></section>`;
}
