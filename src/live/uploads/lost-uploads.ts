import { decodeLostUploads, type LostFiles } from "../../protocol/uploads.ts";

/**
 * Client code: `lostUploads(view)`, what a view's element has of files that its server may know nothing of any more: those that were
 * chosen there when the page lost its view. Without a view, for which a socket asks too, there are none. For the parameter `_lost_uploads` of a join (docs/protocol.md, section 18).
 */
export const LOST_UPLOADS_SCRIPT = `
const refsOf = (input, kind) => (input.getAttribute("data-phx-" + kind + "-refs") ?? "").split(",").filter(Boolean);
const lostUploads = (view) => [...(view?.querySelectorAll("input[type=file][data-phx-active-refs]") ?? [])]
  .filter((input) => input.closest("[data-phx-session]") === view)
  .map((input) => ({ name: input.name, count: refsOf(input, "active").filter((ref) => !refsOf(input, "error").includes(ref)).length }))
  .filter(({ count }) => count > 0);`;

const lostByView = new WeakMap<object, readonly LostFiles[]>();

/** @param parameter `_lost_uploads` of the view's join: the page says that this view, which it joins anew, had files */
export function noteLostUploads(view: object, parameter: unknown): void {
  const lost = decodeLostUploads(parameter);
  if (lost.length > 0) lostByView.set(view, lost);
}

/** What was noted of a view. */
export function lostUploadsOf(view: object): readonly LostFiles[] {
  return lostByView.get(view) ?? [];
}
