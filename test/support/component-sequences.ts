import fc from "fast-check";
import { expect } from "vitest";
import { fullTree, diff } from "../../src/diff/diff.ts";
import { withRenderChecks } from "../../src/html/checks.ts";
import { each } from "../../src/html/each.ts";
import { html } from "../../src/html/html.ts";
import type { ComponentPlace, Renderable, Rendered } from "../../src/html/rendered.ts";
import { toHtml, type ComponentHtml } from "../../src/html/to-html.ts";
import { ComponentTable } from "../../src/live/components/component-table.ts";
import type { ComponentHost } from "../../src/live/components/component-host.ts";
import { InstanceMeta } from "../../src/live/components/component-meta.ts";
import { createLiveComponent } from "../../src/live/components/create-live-component.ts";
import { liveComponent } from "../../src/live/components/place-live-component.ts";
import { MergedPage } from "../../src/testing/merged-page.ts";
import { ClientPage, withoutMarks } from "./client-page.ts";

// Pages of live components as data, and what happens to them: they come, move, change by themselves and by their place,
// go, come back before the page has forgotten them, and after.

/** A component's place: what it is given, and the components inside it. */
interface Node {
  readonly id: number;
  readonly text: string;
  readonly rows: readonly string[];
  readonly children: readonly Node[];
}

interface Model {
  /** Which template the page itself has. */
  readonly root: boolean;
  readonly isOpen: boolean;
  readonly aside: Node | undefined;
  readonly keyed: readonly Node[];
  readonly plain: readonly Node[];
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

function renderModel({ root, isOpen, aside, keyed, plain }: Model): Rendered {
  const wrapped = (node: Node): Rendered => html`<li>${place(node)}</li>`;
  const parts = html`<aside>${isOpen && aside !== undefined && place(aside)}</aside>
    <ol>${each(keyed, keyOf, isOpen ? wrapped : place, [isOpen])}</ol>${plain.map(place)}`;
  return root ? html`<main>${parts}</main>` : html`<article>${parts}</article>`;
}

// ── what happens ──

type Step =
  | { readonly kind: "edit"; readonly model: Model }
  /** Components change by themselves. */
  | { readonly kind: "click"; readonly among: readonly number[] }
  /** What the page has said of components that left it arrives, one message at a time. */
  | { readonly kind: "hear" };

export interface ComponentSequence {
  readonly start: Model;
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

export const componentSequence: fc.Arbitrary<ComponentSequence> = fc.record({
  start: model,
  steps: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("edit" as const), model }) },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("click" as const),
          among: fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }),
        }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("hear" as const) }) },
    ),
    { maxLength: 14 },
  ),
});

// ── both sides ──

type Said = { readonly kind: "will go" | "gone"; readonly numbers: readonly number[] };

/**
 * Shows a page of components to the official client and lets things happen. After each message the client must show what
 * a fresh render of everything gives, as must the test kit's own client, and a page on which nothing changed needs no
 * message.
 */
export function expectClientFollowsComponents({ start, steps }: ComponentSequence): void {
  let isChanged = false;
  const host = hostThat(() => (isChanged = true));
  const table = new ComponentTable(host);
  const said: Said[] = [];
  let current = start;
  withRenderChecks(true, () => {
    let shown = renderModel(current);
    const join = fullTree(shown, table);
    const message = joined(join, settled(table, shown));
    const client = new ClientPage(message);
    const kit = new MergedPage(JSON.parse(message));
    const given = new Set(client.components);
    const expectFresh = (): void => {
      expect(client.plainHtml).toBe(freshHtml(current, table));
      expect(withoutMarks(kit.render().html)).toBe(client.plainHtml);
    };
    const send = (message: string): void => {
      const before = client.components;
      client.apply(message);
      if (message !== "") kit.merge(JSON.parse(message));
      const after = client.components;
      const removed = [...before].filter((number) => !after.has(number));
      client.removed(removed);
      kit.leave(removed);
      if (removed.length > 0) said.push({ kind: "will go", numbers: removed });
      for (const number of after) given.add(number);
    };
    expectFresh();
    for (const step of steps) {
      if (step.kind === "hear") {
        hear(said, client, kit, table);
        continue;
      }
      if (step.kind === "click") {
        const numbers = [...given];
        for (const nth of step.among) click(table, numbers[nth % numbers.length]);
        const entries = settled(table);
        send(entries === "" ? "" : `{${entries}}`);
      } else {
        const next = renderModel(step.model);
        if (next.template !== shown.template) table.forgetShown();
        const change = diff(shown, next, table);
        current = step.model;
        shown = next;
        send(joined(change, settled(table, shown)));
      }
      expectFresh();
      const renderAgain = (): string => {
        const again = renderModel(current);
        const message = joined(diff(shown, again, table), settled(table, again));
        shown = again;
        return message;
      };
      isChanged = false;
      expect(renderAgain()).toBe("");
      expect(isChanged).toBe(false);
      table.checkPlaces(shown);
    }
  });
}

function hear(said: Said[], client: ClientPage, kit: MergedPage, table: ComponentTable): void {
  const message = said.shift();
  if (message === undefined) return;
  if (message.kind === "gone") {
    const forgotten = table.remove(message.numbers);
    client.forget(forgotten);
    kit.forget(forgotten);
    return;
  }
  table.mark(message.numbers);
  const gone = message.numbers.filter((number) => !client.components.has(number));
  if (gone.length > 0) said.push({ kind: "gone", numbers: gone });
}

function click(table: ComponentTable, number: number | undefined): void {
  const instance = number === undefined ? undefined : table.find(number);
  instance?.assign({ clicks: Number(instance.context["clicks"]) + 1 });
}

function settled(table: ComponentTable, tree?: Rendered): string {
  const entries = table.settle(tree);
  if (entries instanceof Promise) throw new Error("The components of this test are synchronous.");
  return entries;
}

function joined(tree: string, entries: string): string {
  if (entries === "") return tree;
  return tree === "" ? `{${entries}}` : `${tree.slice(0, -1)},${entries}}`;
}

/** Everything rendered anew, with the components' own state as it is. */
function freshHtml(model: Model, table: ComponentTable): string {
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
  return toHtml(renderModel(model), components);
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
