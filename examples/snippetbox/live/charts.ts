// Small charts, drawn as SVG on the server. What they show is also in words, for whoever does not see them.
import { html, type Rendered } from "wingbeat";

export type Bar = { readonly name: string; readonly value: number };

const WIDTH = 28;
const GAP = 8;
const HEIGHT = 80;

export function barChart({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }): Rendered {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const label = `${title}: ${bars.map(({ name, value }) => `${name} ${value}`).join(", ")}`;
  return html`
    <figure class="chart"><figcaption>${title}</figcaption>
      <svg role="img" aria-label="${label}" viewBox="0 0 ${bars.length * (WIDTH + GAP)} ${HEIGHT + 32}">
        ${bars.map(({ name, value }, index) => {
          const height = Math.round((value / most) * HEIGHT);
          const left = index * (WIDTH + GAP);
          const middle = left + WIDTH / 2;
          return html`<g><rect x="${left}" y="${HEIGHT - height + 14}" width="${WIDTH}" height="${height}" rx="3"></rect>
            <text class="value" x="${middle}" y="${HEIGHT - height + 10}">${value}</text>
            <text x="${middle}" y="${HEIGHT + 28}">${name.slice(8)}</text></g>`;
        })}
      </svg></figure>`;
}
