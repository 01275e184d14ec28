import { expect, it } from "vitest";
import { html } from "../html/html.ts";
import { toHtml } from "../html/to-html.ts";
import { focusWrap } from "./focus-wrap.ts";
import { portal } from "./portal.ts";

it("focusWrap puts the client's sentinels around its content", () => {
  expect(toHtml(focusWrap({ id: "dialog", role: "dialog", "aria-modal": true }, html`<button>x</button>`))).toBe(
    '<div id="dialog" phx-hook="Phoenix.FocusWrap" role="dialog" aria-modal="true"><div id="dialog-start" tabindex="0" aria-hidden="true"></div><button>x</button><div id="dialog-end" tabindex="0" aria-hidden="true"></div></div>',
  );
});

it("portal wraps its content in one element with an id, within a template for the client", () => {
  expect(toHtml(portal({ id: "tip", target: "body", class: "tip" }, html`<p>x</p>`))).toBe(
    '<template id="tip" data-phx-portal="body"><div id="_lv_portal_wrap_tip" class="tip"><p>x</p></div></template>',
  );
});

it.each<[string, () => unknown, string]>([
  [
    "portal without id",
    () => portal({ target: "body" } as never, "x"),
    'portal needs id, a string that is not empty, and got none. The browser finds its element by it:\n\n    portal({ id: "dialog", target: "body" }, html`…`)',
  ],
  [
    "portal with an empty target",
    () => portal({ id: "tip", target: "" }, "x"),
    'portal needs target, a string that is not empty, and got an empty one. The browser finds its element by it:\n\n    portal({ id: "dialog", target: "body" }, html`…`)',
  ],
  [
    "focusWrap with a number for its id",
    () => focusWrap({ id: 3 } as never, "x"),
    'focusWrap needs id, a string that is not empty, and got one of type number. The browser finds its element by it:\n\n    focusWrap({ id: "dialog", role: "dialog" }, html`…`)',
  ],
])("%s is refused with the mend", (_name, call, message) => {
  expect(call).toThrow(expect.objectContaining({ code: "component.missing-prop", message }) as Error);
});
