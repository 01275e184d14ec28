/** The notice that a page shows while its line to the server is down. */
export interface ConnectionNoticeOptions {
  /** While the server cannot be reached. @default "Connection lost. Trying to reconnect…" */
  readonly lost?: string | undefined;
  /** While the view has crashed, or its server cannot serve it. @default "Something went wrong. Trying again…" */
  readonly failed?: string | undefined;
  /**
   * Classes of its element, `<div id="wingbeat-connection" role="status">` at the end of the body, which then has no style of its own.
   * @default a dark box at the bottom of the window
   */
  readonly class?: string | undefined;
}

const LOST = "Connection lost. Trying to reconnect…";
const FAILED = "Something went wrong. Trying again…";
const STYLE =
  "position:fixed;inset:auto 1rem 1rem auto;max-width:calc(100vw - 2rem);box-sizing:border-box;z-index:2147483646;padding:.75rem 1rem;background:#1f2328;color:#fff;font:1rem/1.5 system-ui,sans-serif;border-radius:.5rem;box-shadow:0 .25rem 1rem #0006";

/**
 * Client code that shows the notice once the page has been cut off for a while, so that a short cut does not flicker, and takes it
 * away when the page is joined again. A crash is given longer: its page joins anew after a second.
 *
 * The element is there from the start, empty: screen readers announce what appears in a status that they know.
 */
export function connectionNoticeScript({
  lost = LOST,
  failed = FAILED,
  class: classes,
}: ConnectionNoticeOptions): string {
  return `
const notice = document.createElement("div");
notice.id = "wingbeat-connection";
notice.setAttribute("role", "status");
${classes === undefined ? `notice.style.cssText = ${JSON.stringify(STYLE)};` : `notice.className = ${inScript(classes)};`}
notice.hidden = true;
document.body.append(notice);
let noticeText, noticeTimer;
const say = (text) => { notice.hidden = text === ""; notice.textContent = text; };
addEventListener("phx:page-loading-start", ({ detail }) => {
  if (detail.kind !== "error") return;
  const isLost = detail.errorKind !== "server";
  noticeText = isLost ? ${inScript(lost)} : ${inScript(failed)};
  if (notice.hidden) noticeTimer ??= setTimeout(() => say(noticeText), isLost ? 1000 : 2500);
  else say(noticeText);
});
addEventListener("phx:page-loading-stop", () => {
  if (document.querySelector("[data-phx-main].phx-error")) return;
  noticeTimer = clearTimeout(noticeTimer);
  say("");
});
`;
}

/** A string in a script that stands in HTML. */
export function inScript(text: string): string {
  return JSON.stringify(text).replaceAll("<", "\\u003c");
}
