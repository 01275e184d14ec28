import fc from "fast-check";
import { expect } from "vitest";
import { fullTree, diff } from "../../src/diff/diff.ts";
import { withRenderChecks } from "../../src/html/checks.ts";
import { each } from "../../src/html/each.ts";
import { html } from "../../src/html/html.ts";
import type { PendingStream } from "../../src/html/live-stream.ts";
import type { ComponentPlace, Renderable, Rendered } from "../../src/html/rendered.ts";
import { toHtml, type ComponentHtml } from "../../src/html/to-html.ts";
import { ComponentTable } from "../../src/live/components/component-table.ts";
import type { ComponentHost } from "../../src/live/components/component-host.ts";
import { InstanceMeta } from "../../src/live/components/component-meta.ts";
import { createLiveComponent } from "../../src/live/components/create-live-component.ts";
import { liveComponent } from "../../src/live/components/place-live-component.ts";
import { ViewStreams } from "../../src/live/view-streams.ts";
import { MergedPage } from "../../src/testing/merged-page.ts";
import { ClientPage } from "./client-page.ts";
import { ComponentDocument } from "./component-document.ts";

// Pages of live components as data, and what happens to them: they come, move, change by themselves and by their place,
// go, come back before the page has forgotten them, and after. Some stand in the rows of a stream, which the document
// alone keeps.

/** A component's place: what it is given, and the components inside it. */
interface Node {
  readonly id: number;
  readonly text: string;
  readonly rows: readonly string[];
  readonly children: readonly Node[];
}

/** What happens to the stream in one turn, one after the other. */
type StreamAction =
  | { readonly kind: "insert"; readonly node: StreamNode; readonly at: -1 | 0 }
  | { readonly kind: "delete"; readonly key: number }
  | { readonly kind: "reset"; readonly nodes: readonly StreamNode[] };

/** The item of a row, and the component that the row shows of it. */
interface StreamNode {
  readonly key: number;
  readonly node: Node;
}

interface Model {
  /** Which template the page itself has. */
  readonly root: boolean;
  readonly isOpen: boolean;
  readonly aside: Node | undefined;
  readonly keyed: readonly Node[];
  readonly plain: readonly Node[];
  /** Whether the page has the stream's list. */
  readonly isStreamShown: boolean;
}

// ── the components ──

type LeafProps = { text: string; slot?: Renderable };

const leaf = createLiveComponent<LeafProps, { clicks: number }>({
  name: "leaf",
  initial: { clicks: 0 },
  render: ({ text, clicks, slot }, { self }) =>
    html`<b id="${`leaf-${self}`}">${text}${clicks > 0 ? html` <i>${clicks}</i>` : ""}${slot}</b>`,
});

/** Its root changes its template, and it has rows with templates of their own in them. */
const branch = createLiveComponent<Node, { clicks: number }>({
  name: "branch",
  initial: { clicks: 0 },
  render: ({ id, text, rows, children, clicks }, { self }) => {
    const list = each(
      rows,
      (row) => row,
      (row) => html`<li class="${self}">${row.length > 1 ? html`<u>${row}</u>` : row}</li>`,
      [],
    );
    const inside = each(children, keyOf, place);
    if (clicks % 3 === 2) return html`<section title="${text}">${inside}<ul>${list}</ul></section>`;
    return html`<div data-self="${self}">${text}: ${clicks}<ul>${list}</ul>${inside}${
      clicks % 2 === 1 && liveComponent(leaf, { id: `of ${id}`, text: "odd", slot: html`<em>${text}</em>` })
    }</div>`;
  },
});

function place(node: Node): Rendered {
  const isLeaf = node.children.length === 0 && node.rows.length === 0;
  return isLeaf ? liveComponent(leaf, { id: node.id, text: node.text }) : liveComponent(branch, node);
}

function keyOf({ id }: Node): number {
  return id;
}

/** @param rows of the stream: what is new of it, or all */
function renderModel({ root, isOpen, aside, keyed, plain, isStreamShown }: Model, rows: () => Renderable): Rendered {
  const wrapped = (node: Node): Rendered => html`<li>${place(node)}</li>`;
  const parts = html`<aside>${isOpen && aside !== undefined && place(aside)}</aside>
    <ol>${each(keyed, keyOf, isOpen ? wrapped : place, [isOpen])}</ol>${plain.map(place)}
    ${isStreamShown && html`<ul id="stream" phx-update="stream">${rows()}</ul>`}`;
  return root ? html`<main>${parts}</main>` : html`<article>${parts}</article>`;
}

const domIdOf = ({ key }: StreamNode): string => `row-${key}`;

function renderRow(item: StreamNode): Rendered {
  return html`<li id="${domIdOf(item)}">${place(item.node)}</li>`;
}

// ── what happens ──

type Step =
  | {
      readonly kind: "edit";
      readonly model: Model;
      readonly stream: readonly StreamAction[];
      /** Components that change by themselves in the same turn. */
      readonly among: readonly number[];
    }
  /** Components change by themselves. */
  | { readonly kind: "click"; readonly among: readonly number[] }
  /** What the page has said of components that left it arrives, one message at a time. */
  | { readonly kind: "hear" };

export interface ComponentSequence {
  readonly start: Model;
  readonly stream: readonly StreamNode[];
  readonly steps: readonly Step[];
}

const text = fc.constantFrom("a", "b", "<c>");
const rows = fc.uniqueArray(fc.constantFrom("1", "2", "33", "44"), { maxLength: 3 });

/** Trees whose ids are unique on the page: each node takes its number from its place in the walk, so that ids move about. */
const shape = fc.letrec<{ node: Omit<Node, "id"> & { readonly children: readonly Node[] } }>((tie) => ({
  node: fc.record({
    text,
    rows,
    children: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constant([]),
      fc.array(tie("node"), { maxLength: 3 }),
    ),
  }) as fc.Arbitrary<Omit<Node, "id"> & { readonly children: readonly Node[] }>,
})).node;

const model: fc.Arbitrary<Model> = fc
  .record({
    root: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.boolean() }),
    isOpen: fc.boolean(),
    isStreamShown: fc.oneof({ weight: 7, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.boolean() }),
    aside: fc.option(shape, { nil: undefined }),
    keyed: fc.array(shape, { maxLength: 4 }),
    plain: fc.array(shape, { maxLength: 2 }),
    ids: fc.shuffledSubarray(
      Array.from({ length: 40 }, (_, index) => index),
      { minLength: 40 },
    ),
    /** Few ids, so that components come back. */
    spread: fc.constantFrom(6, 12, 40),
  })
  .map(({ ids, spread, aside, keyed, plain, ...rest }) => {
    const few = ids.filter((id) => id < spread);
    const free = [...few, ...ids.filter((id) => id >= spread)];
    // When there are no ids left, the rest of the page is left out.
    const number = (node: Omit<Node, "id">): readonly Node[] => {
      const id = free.shift();
      return id === undefined ? [] : [{ ...node, id: id + 1, children: node.children.flatMap(number) }];
    };
    const numbered = (nodes: readonly Omit<Node, "id">[]): readonly Node[] => nodes.flatMap(number);
    const [side] = numbered(aside === undefined ? [] : [aside]);
    return { ...rest, aside: side, keyed: numbered(keyed), plain: numbered(plain) };
  });

/** Rows have ids of components to themselves, from here on. */
const FIRST_ROW_ID = 100;
const streamNode: fc.Arbitrary<StreamNode> = fc.record({ key: fc.nat(3), shape }).map(({ key, shape: root }) => {
  let last = FIRST_ROW_ID * (key + 1);
  const number = (node: Omit<Node, "id">): Node => ({ ...node, id: last++, children: node.children.map(number) });
  return { key, node: number(root) };
});
const streamNodes = fc.uniqueArray(streamNode, { maxLength: 3, selector: ({ key }) => key });
const streamAction: fc.Arbitrary<StreamAction> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("insert" as const),
      node: streamNode,
      at: fc.constantFrom<(-1 | 0)[]>(-1, 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), key: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset" as const), nodes: streamNodes }) },
);
const among = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 });

export const componentSequence: fc.Arbitrary<ComponentSequence> = fc.record({
  start: model,
  stream: streamNodes,
  steps: fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("edit" as const),
          model,
          stream: fc.array(streamAction, { maxLength: 3 }),
          among: fc.oneof(fc.constant([]), among),
        }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("click" as const), among }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("hear" as const) }) },
    ),
    { maxLength: 14 },
  ),
});

// ── the stream ──

/** The stream as a view has it, and what the page must show of it by a model to which everything happens on its own. */
class StreamSide {
  readonly name = "/components";
  context: Readonly<Record<string, unknown>> = {};
  readonly #streams = new ViewStreams(this, "");
  #rows: readonly StreamNode[];

  constructor(rows: readonly StreamNode[]) {
    this.#rows = rows;
    this.#streams.stream("rows", rows, { domId: domIdOf });
  }

  streamChanged(stream: PendingStream): void {
    this.context = { rows: stream };
  }

  do(action: StreamAction): void {
    switch (action.kind) {
      case "insert": {
        const { node, at } = action;
        this.#streams.insert("rows", [node], { at });
        const isThere = this.#rows.some(({ key }) => key === node.key);
        if (isThere) this.#rows = this.#rows.map((row) => (row.key === node.key ? node : row));
        else this.#rows = at === 0 ? [node, ...this.#rows] : [...this.#rows, node];
        return;
      }
      case "delete":
        this.#streams.deleteByDomId("rows", `row-${action.key}`);
        this.#rows = this.#rows.filter(({ key }) => key !== action.key);
        return;
      case "reset":
        this.#streams.stream("rows", action.nodes, { reset: true });
        this.#rows = action.nodes;
        return;
    }
  }

  /** The list is not on the page: what it had is gone, and what happens to it now is lost. */
  leave(): void {
    this.#rows = [];
  }

  begin(): void {
    this.#streams.begin();
  }

  end(): void {
    this.#streams.end();
  }

  /** The rows that are new, in a render. */
  news(): Renderable {
    // `stream` has put it there, and nothing but these items into it.
    return (this.context["rows"] as PendingStream).map((_domId, item) => renderRow(item as StreamNode));
  }

  all(): Renderable {
    return this.#rows.map(renderRow);
  }
}

// ── both sides ──

type Said = { readonly kind: "will go" | "gone"; readonly numbers: readonly number[] };

/**
 * Shows a page of components to the official client and lets things happen. After each message the client must show what
 * a fresh render of everything gives, as must the test kit's own client, and a page on which nothing changed needs no
 * message. Of streams the client's merge code knows what has just come; the document has the rows.
 */
export function expectClientFollowsComponents({ start, stream: rows, steps }: ComponentSequence): void {
  let isChanged = false;
  const host = hostThat(() => (isChanged = true));
  const table = new ComponentTable(host);
  const stream = new StreamSide(rows);
  const said: Said[] = [];
  let current = start;
  withRenderChecks(true, () => {
    const render = (): Rendered => {
      if (!current.isStreamShown) stream.leave();
      return renderModel(current, () => stream.news());
    };
    stream.begin();
    let shown = render();
    const join = fullTree(shown, table);
    const message = joined(join, settled(table, shown));
    stream.end();
    const client = new ClientPage(message);
    const kit = new MergedPage(JSON.parse(message));
    const document = new ComponentDocument(client, kit);
    const given = new Set(document.components);
    const expectFresh = (): void => expect(document.html).toBe(document.parsed(freshHtml(current, stream, table)));
    const send = (text: string): void => {
      if (text === "") return;
      const before = document.components;
      document.show(text);
      const after = document.components;
      const removed = [...before].filter((number) => !after.has(number));
      client.removed(removed);
      kit.leave(removed);
      if (removed.length > 0) said.push({ kind: "will go", numbers: removed });
      for (const number of after) given.add(number);
    };
    const clickAmong = (nths: readonly number[]): void => {
      const numbers = [...given];
      for (const nth of nths) click(table, numbers[nth % numbers.length]);
    };
    /** @returns the message of the view's own render */
    const change = (): string => {
      stream.begin();
      const next = render();
      if (next.template !== shown.template) table.forgetShown();
      const tree = diff(shown, next, table);
      shown = next;
      stream.end();
      return joined(tree, settled(table, shown, tree !== ""));
    };
    const sendRest = (): void => {
      while (table.needsAnotherMessage) send(entriesOnly(settled(table)));
    };
    expectFresh();
    for (const step of steps) {
      if (step.kind === "hear") {
        hear(said, document, table);
        continue;
      }
      clickAmong(step.among);
      if (step.kind === "click") send(entriesOnly(settled(table)));
      else {
        current = step.model;
        for (const action of step.stream) stream.do(action);
        send(change());
      }
      sendRest();
      expectFresh();
      isChanged = false;
      expect(change()).toBe("");
      expect(isChanged).toBe(false);
      table.checkPlaces(shown);
    }
  });
}

function hear(said: Said[], document: ComponentDocument, table: ComponentTable): void {
  const message = said.shift();
  if (message === undefined) return;
  if (message.kind === "gone") {
    const heard = message.numbers.filter((number) => !isMistaken(number, document, table));
    return document.forget(table.remove(heard));
  }
  table.mark(message.numbers);
  const gone = message.numbers.filter((number) => !document.components.has(number));
  if (gone.length > 0) said.push({ kind: "gone", numbers: gone });
}

/**
 * What the design page leaves open, under "What we do not do": the row is there for the second time within one round
 * trip, and the word about its first departure comes after the one about its second.
 */
function isMistaken(number: number, document: ComponentDocument, table: ComponentTable): boolean {
  const instance = table.find(number);
  return instance?.isMarked === true && isOfRow(instance) && document.components.has(number);
}

/** By the ids of `streamNode`; a leaf that a branch has by itself has the branch's id in its own. */
function isOfRow({ id }: { readonly id: string }): boolean {
  return Number(id.replace("of ", "")) >= FIRST_ROW_ID;
}

function click(table: ComponentTable, number: number | undefined): void {
  const instance = number === undefined ? undefined : table.find(number);
  instance?.assign({ clicks: Number(instance.context["clicks"]) + 1 });
}

function settled(table: ComponentTable, tree?: Rendered, isSent?: boolean): string {
  const entries = table.settle(tree, isSent);
  if (entries instanceof Promise) throw new Error("The components of this test are synchronous.");
  return entries;
}

function entriesOnly(entries: string): string {
  return entries === "" ? "" : `{${entries}}`;
}

function joined(tree: string, entries: string): string {
  if (entries === "") return tree;
  return tree === "" ? `{${entries}}` : `${tree.slice(0, -1)},${entries}}`;
}

/** Everything rendered anew, with the components' own state as it is. */
function freshHtml(model: Model, stream: StreamSide, table: ComponentTable): string {
  const components: ComponentHtml = {
    htmlOf: (place: ComponentPlace) => {
      const instance = table.find(table.numberOf(place) ?? 0);
      if (instance === undefined) throw new Error(`${place.component.name} ${place.id} is not there`);
      const { kind, context, number } = instance;
      return toHtml(
        kind.definition.render(
          context,
          new InstanceMeta(
            hostThat(() => {}),
            number,
          ),
        ),
        components,
      );
    },
  };
  return toHtml(
    renderModel(model, () => stream.all()),
    components,
  );
}

/** A view in which nothing but components happens. */
function hostThat(changed: () => void): ComponentHost {
  const unused = (): never => {
    throw new Error("The components of this test use nothing of their view.");
  };
  return {
    name: "/",
    csrfToken: "",
    nonce: "",
    url: new URL("http://localhost/"),
    flash: {},
    isEnded: false,
    // Of these, nothing else is read.
    services: { checks: true } as ComponentHost["services"],
    socket: {} as ComponentHost["socket"],
    startCallback: () => {},
    componentChanged: changed,
    componentEnded: () => {},
    get asyncWork() {
      return unused();
    },
    get uploads() {
      return unused();
    },
    report: unused,
  };
}
