import { expect } from "vitest";
import type { Element } from "../../src/testing/dom.ts";
import { MergedPage, type StreamNews } from "../../src/testing/merged-page.ts";
import { morph } from "../../src/testing/morph.ts";
import { parseFragment } from "../../src/testing/parse.ts";
import { innerHtml } from "../../src/testing/serialize.ts";
import { STREAM_REF, StreamPatch } from "../../src/testing/stream-patch.ts";
import { ClientPage } from "./client-page.ts";
import { BoardModel, BoardServer, type Board } from "./stream-boards.ts";

/**
 * Plays a board: the messages of the server go through the official client's merge code, which must agree with ours, and
 * then into a document, which must show what the model shows after each turn.
 */
export function expectPageFollows({ start, turns }: Board): void {
  const server = new BoardServer();
  const model = new BoardModel();
  const { html, join } = server.mount(start);
  for (const action of start) model.do(action);
  expect(html).toBe(model.html);
  const page = pageOf(html);
  const client = new ClientPage(join);
  const merged = new MergedPage(JSON.parse(join));
  const show = (isJoin: boolean): void => {
    const rendered = merged.render();
    expect(rendered.html).toBe(client.html);
    expect(rendered.streams.map(asSent)).toEqual(client.streams);
    patch(page, rendered, isJoin);
    expect(shown(page)).toBe(shown(pageOf(model.html)));
  };
  show(true);
  for (const turn of turns) {
    const message = server.turn(turn);
    model.turn(turn);
    if (message !== "") {
      client.apply(message);
      merged.merge(JSON.parse(message));
      show(false);
    }
    expect(shown(page)).toBe(shown(pageOf(model.html)));
    // Nothing is left of what was sent.
    expect(server.flush()).toBe("");
  }
}

function patch(page: Element, { html, streams: news }: ReturnType<MergedPage["render"]>, isJoin: boolean): void {
  const streams = new StreamPatch(news);
  streams.prepare(page, isJoin);
  morph(page, pageOf(html), { focused: undefined, streams });
}

function pageOf(html: string): Element {
  const [page] = parseFragment(`<div>${html}</div>`).children;
  if (page?.kind !== "element") throw new Error("There is no element.");
  return page;
}

/** The markup, without the client's marks. */
function shown(page: Element): string {
  return innerHtml(page).replaceAll(new RegExp(` ${STREAM_REF}="[^"]*"`, "g"), "");
}

function asSent({ ref, inserts, deletes, isReset }: StreamNews): unknown {
  const rows = inserts.map(({ domId, at, limit, updateOnly }) => [domId, at, limit, updateOnly ? true : null]);
  return isReset ? [ref, rows, deletes, true] : [ref, rows, deletes];
}
