import { expect } from "vitest";
import { diff, fullTree } from "../../src/diff/diff.ts";
import { withRenderChecks } from "../../src/html/checks.ts";
import { toHtml } from "../../src/html/to-html.ts";
import { ClientPage } from "./client-page.ts";
import { editPage, renderBlock, type PageSequence } from "./random-pages.ts";

/**
 * Shows a page to the official client, changes it step by step, and expects that after each diff the client has exactly
 * what a fresh render gives, and that a page which did not change needs no diff.
 *
 * @param checks as in development; there, two rows of a list may not share a key.
 */
export function expectClientFollows({ start, steps }: PageSequence, { checks }: { readonly checks: boolean }): void {
  const options = { duplicateKeys: !checks, fresh: false };
  withRenderChecks(checks, () => {
    let page = start;
    let shown = renderBlock(page, options);
    const client = new ClientPage(fullTree(shown));
    expect(client.html).toBe(toHtml(renderBlock(page, { ...options, fresh: true })));
    for (const edits of steps) {
      page = edits.reduce(editPage, page);
      const next = renderBlock(page, options);
      client.apply(diff(shown, next));
      expect(client.html).toBe(toHtml(renderBlock(page, { ...options, fresh: true })));
      expect(diff(next, renderBlock(page, options))).toBe("");
      shown = next;
    }
  });
}
