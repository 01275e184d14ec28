// The list of the examples. A view without a context, events or infos is a page.
import { createLiveView, html } from "wingbeat";
import { examples } from "./layout.ts";

export const homeLiveView = createLiveView<{}>({
  render: () => html`
    <h1>Examples</h1>
    <p>Open one of them in two windows, side by side.</p>
    <ul class="list">
      ${Object.entries(examples).map(
        ([path, { name, about }]) => html`<li><a href="${path}">${name}</a><p>${about}</p></li>`,
      )}
    </ul>`,
});
