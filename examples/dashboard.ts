// The figures of the server that shows them, refreshed every second. Ten thousand people who look at this page cost one
// render and one diff a second: `shared` declares that the render depends on its context alone, and all of them have the
// same one.
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { createLiveView, html, shared, type Rendered } from "wingbeat";

const REFRESH_MS = 1000;
const LENGTH = 60;

type Sample = { cpuPercent: number; memoryMb: number; delayMs: number };
type Context = { samples: readonly Sample[]; paused: boolean };

/** The last minute, oldest first. Replaced and never changed, so that views can tell whether they have the newest. */
let samples: readonly Sample[] = [];
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
let cpu = process.cpuUsage();
let measuredAt = performance.now();

function measure(): void {
  const now = performance.now();
  const used = process.cpuUsage(cpu);
  const cpuPercent = (used.user + used.system) / 10 / Math.max(now - measuredAt, 1);
  cpu = process.cpuUsage();
  measuredAt = now;
  const memoryMb = process.memoryUsage().rss / 1_000_000;
  // The monitor counts its own interval too.
  const delayMs = Math.max(0, delay.max / 1_000_000 - 10);
  delay.reset();
  samples = [...samples, { cpuPercent, memoryMb, delayMs }].slice(-LENGTH);
}
measure();
setInterval(measure, REFRESH_MS).unref();

export const dashboardLiveView = createLiveView<Context, { type: "pause" }, { type: "refresh" }>({
  mount: (socket) => {
    socket.pageTitle("Dashboard");
    socket.assign({ samples, paused: false });
    socket.sendInfoEvery(REFRESH_MS, "refresh");
  },
  handleEvent: (_pause, socket) => {
    socket.assign({ paused: !socket.context.paused });
  },
  handleInfo: (_refresh, socket) => {
    if (!socket.context.paused) socket.assign({ samples });
  },
  render: shared(({ samples, paused }: Context) => {
    const figure = (of: (sample: Sample) => number): readonly number[] => samples.map(of);
    return html`
      <h1>Dashboard</h1>
      <p>What this server is doing, second by second.</p>
      <div class="cards">
        ${card(
          "Processor",
          "%",
          figure((sample) => sample.cpuPercent),
          100,
        )}
        ${card(
          "Memory",
          "MB",
          figure((sample) => sample.memoryMb),
          0,
        )}
        ${card(
          "Event loop delay",
          "ms",
          figure((sample) => sample.delayMs),
          20,
        )}
      </div>
      <p><button phx-click="pause" aria-pressed="${paused}">Pause</button>
        <span role="status">${paused ? "Paused. The figures stand still." : ""}</span></p>`;
  }),
});

/** One figure with its last minute. Not announced at each change: a screen reader would never stop. Pause, and read. */
function card(name: string, unit: string, values: readonly number[], least: number): Rendered {
  const now = Math.round(values.at(-1) ?? 0);
  const most = Math.round(Math.max(...values));
  const ceiling = Math.max(least, most * 1.2, 1);
  const label = `${name} over the last minute: now ${now} ${unit}, at most ${most} ${unit}`;
  return html`
    <section class="card" aria-label="${name}">
      <h2>${name}</h2>
      <p class="value"><strong>${now}</strong> ${unit}</p>
      <svg role="img" aria-label="${label}" viewBox="0 0 ${LENGTH - 1} 20" preserveAspectRatio="none">
        <polygon points="${LENGTH - values.length},20 ${points(values, ceiling)} ${LENGTH - 1},20"></polygon>
        <polyline points="${points(values, ceiling)}"></polyline>
      </svg>
      <p class="note">at most ${most} ${unit}</p>
    </section>`;
}

function points(values: readonly number[], ceiling: number): string {
  const start = LENGTH - values.length;
  return values.map((value, index) => `${start + index},${(20 - (value / ceiling) * 20).toFixed(1)}`).join(" ");
}
