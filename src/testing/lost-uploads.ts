import { typeOf, type Element } from "./dom.ts";
import { SESSION } from "./nested.ts";

/** What the page's scripts tell of the files of a view that was lost: src/live/uploads/lost-uploads.ts. */
export function lostUploads(view: Element): readonly { readonly name: string; readonly count: number }[] {
  return view
    .all((element) => typeOf(element) === "file" && element.has("data-phx-active-refs"))
    .filter((input) => input.closest((element) => element.has(SESSION)) === view)
    .map((input) => {
      const failed = refsIn(input, "data-phx-error-refs");
      const lost = refsIn(input, "data-phx-active-refs").filter((ref) => !failed.includes(ref));
      return { name: input.get("name") ?? "", count: lost.length };
    })
    .filter(({ count }) => count > 0);
}

function refsIn(input: Element, attribute: string): readonly string[] {
  return (input.get(attribute) ?? "").split(",").filter((ref) => ref !== "");
}
