import fc from "fast-check";
import { diff, fullTree } from "../../src/diff/diff.ts";
import { each } from "../../src/html/each.ts";
import { html } from "../../src/html/html.ts";
import type { PendingStream } from "../../src/html/live-stream.ts";
import { memo } from "../../src/html/memo.ts";
import type { Rendered } from "../../src/html/rendered.ts";
import { toHtml } from "../../src/html/to-html.ts";
import { ViewStreams, type StreamOwner } from "../../src/live/view-streams.ts";

// Boards of several streams, each in the row of a keyed list, with what happens to them as data; and what their pages
// must show, by a model that knows nothing of batches, messages or elements: each thing is done on its own, to arrays.

const NAMES = ["a", "b", "c"] as const;
type Name = (typeof NAMES)[number];

interface Card {
  readonly id: number;
  readonly text: string;
}

export type Action =
  | { readonly type: "insert"; readonly name: Name; readonly cards: readonly Card[]; readonly at: -1 | 0 }
  /**
   * Alone in its turn. Deletes come first in a message, so that rows are counted without those that go in the same turn;
   * and a row that a limit cuts and that comes again in the same turn is one insert.
   */
  | { readonly type: "place"; readonly name: Name; readonly card: Card; readonly at: number; readonly limit: number }
  | { readonly type: "update"; readonly name: Name; readonly card: Card }
  | { readonly type: "delete"; readonly name: Name; readonly id: number }
  | { readonly type: "reset"; readonly name: Name; readonly cards: readonly Card[]; readonly at: -1 | 0 };

export interface Turn {
  readonly actions: readonly Action[];
  /** The columns that are on the page from now on, in their order; `undefined`: as before. */
  readonly columns: readonly Name[] | undefined;
}

export interface Board {
  readonly start: readonly Action[];
  readonly turns: readonly Turn[];
}

// ── the server's side ──

/** Three ways to write a row, of which a card's id decides for one: templates that differ, and one that a memo keeps. */
function row(domId: string, card: Card): Rendered {
  const { id, text } = card;
  if (id % 4 === 0) return html`<li id="${domId}"><b>${html`<i>${text}</i>`}</b></li>`;
  return html`<li id="${domId}" class="${id}">${[text, html`<u>${id}</u>`]}</li>`;
}
const rememberedRows = new Map(NAMES.map((name) => [name, (card: Card) => row(`${name}-${card.id}`, card)]));

/** A board as a view has it: messages come out, and nothing of what they brought stays in. */
export class BoardServer implements StreamOwner {
  readonly name = "/board";
  context: Readonly<Record<string, unknown>> = {};
  #columns: readonly Name[] = NAMES;
  #shown: Rendered | undefined;
  readonly #streams = new ViewStreams(this, "");

  streamChanged(stream: PendingStream): void {
    this.context = { ...this.context, [stream.name]: stream };
  }

  /** @returns the HTML of the page's first request, and the join, as JSON text */
  mount(start: readonly Action[]): { readonly html: string; readonly join: string } {
    for (const name of NAMES) this.#streams.stream(name, []);
    for (const action of start) this.#do(action);
    this.#streams.begin();
    const shown = this.#render();
    const mounted = { html: toHtml(shown), join: fullTree(shown) };
    this.#streams.end();
    this.#shown = shown;
    return mounted;
  }

  /** @returns the diff; `""` for none */
  turn({ actions, columns }: Turn): string {
    this.#columns = columns ?? this.#columns;
    for (const action of actions) this.#do(action);
    return this.flush();
  }

  flush(): string {
    this.#streams.begin();
    const next = this.#render();
    const change = this.#shown === undefined ? "" : diff(this.#shown, next);
    this.#streams.end();
    this.#shown = next;
    return change;
  }

  #do(action: Action): void {
    const { name } = action;
    switch (action.type) {
      case "insert":
        return this.#streams.insert(name, action.cards, { at: action.at });
      case "place":
        return this.#streams.insert(name, [action.card], { at: action.at, limit: action.limit });
      case "update":
        return this.#streams.insert(name, [action.card], { updateOnly: true });
      case "delete":
        return this.#streams.delete(name, { id: action.id });
      case "reset":
        return this.#streams.stream(name, action.cards, { reset: true, at: action.at });
    }
  }

  #render(): Rendered {
    const column = (name: Name): Rendered => {
      // `stream` has put it there in `mount`.
      const stream = this.context[name] as PendingStream;
      const remembered = rememberedRows.get(name);
      const cards = stream.map((domId, item) => {
        // Only cards are streamed here.
        const card = item as Card;
        return remembered !== undefined && card.id % 2 === 0 ? memo(card, remembered) : row(domId, card);
      });
      return html`<ul id="column-${name}" phx-update="stream">${cards}</ul>`;
    };
    return html`<main>${each(this.#columns, (name) => name, column)}</main>`;
  }
}

// ── what the page must show ──

export class BoardModel {
  #columns: readonly Name[] = NAMES;
  readonly #cards = new Map<Name, Card[]>(NAMES.map((name) => [name, []]));

  do(action: Action): void {
    const cards = this.#cards.get(action.name) ?? [];
    switch (action.type) {
      case "insert":
        for (const card of action.cards) put(cards, card, action.at);
        break;
      case "place": {
        const isNew = put(cards, action.card, action.at);
        if (!isNew) break;
        if (action.limit < 0) cards.splice(0, Math.max(cards.length + action.limit, 0));
        else cards.splice(action.limit);
        break;
      }
      case "update":
        if (cards.some(({ id }) => id === action.card.id)) put(cards, action.card, -1);
        break;
      case "delete": {
        const index = cards.findIndex(({ id }) => id === action.id);
        if (index !== -1) cards.splice(index, 1);
        break;
      }
      case "reset":
        cards.length = 0;
        for (const card of action.cards) put(cards, card, action.at);
        break;
    }
  }

  turn({ actions, columns }: Turn): void {
    const before = this.#columns;
    this.#columns = columns ?? this.#columns;
    for (const action of actions) {
      // A list that comes new begins empty; what concerns one that is not on the page is lost.
      if (!this.#columns.includes(action.name)) continue;
      if (action.type === "update" && !before.includes(action.name)) continue;
      this.do(action);
    }
    for (const name of NAMES) if (!this.#columns.includes(name)) this.#cards.set(name, []);
  }

  get html(): string {
    const column = (name: Name): string => {
      const cards = this.#cards.get(name) ?? [];
      const rows = cards.map((card) => toHtml(row(`${name}-${card.id}`, card)));
      return `<ul id="column-${name}" phx-update="stream">${rows.join("")}</ul>`;
    };
    return `<main>${this.#columns.map(column).join("")}</main>`;
  }
}

/** @returns whether it was not there yet */
function put(cards: Card[], card: Card, at: number): boolean {
  const index = cards.findIndex(({ id }) => id === card.id);
  if (index !== -1) {
    cards[index] = card;
    return false;
  }
  if (at === -1) cards.push(card);
  else cards.splice(at, 0, card);
  return true;
}

// ── making ──

const name = fc.constantFrom(...NAMES);
const id = fc.nat({ max: 7 });
const card: fc.Arbitrary<Card> = fc.record({ id, text: fc.constantFrom("", "one", "two", '<b>&"') });
const cards = fc.array(card, { maxLength: 3 });
const end = fc.constantFrom<(-1 | 0)[]>(-1, 0);
const limit = fc.integer({ min: -4, max: 4 }).filter((value) => value !== 0);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("insert" as const), name, cards, at: end }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("update" as const), name, card }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("delete" as const), name, id }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("reset" as const), name, cards, at: end }) },
);
const placing: fc.Arbitrary<Action> = fc.record({
  type: fc.constant("place" as const),
  name,
  card,
  at: fc.integer({ min: -1, max: 5 }),
  limit,
});
const actions: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(action, { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.tuple(placing) },
);
const columns = fc.option(fc.shuffledSubarray([...NAMES], { minLength: 1 }), { freq: 3, nil: undefined });

export const board: fc.Arbitrary<Board> = fc.record({
  start: actions,
  turns: fc.array(
    fc.record({ actions, columns }).map((turn): Turn => withoutUpdatesOfNew(turn)),
    { minLength: 1, maxLength: 8 },
  ),
});

/** In a list that comes new with its rows, the client inserts also those that were to be updated only. */
function withoutUpdatesOfNew(turn: Turn): Turn {
  if (turn.columns === undefined) return turn;
  return { ...turn, actions: turn.actions.filter(({ type }) => type !== "update") };
}
