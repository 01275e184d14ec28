import type { Rendered } from "../html/rendered.ts";

/**
 * A function component: a function from props to HTML, called like any other.
 *
 * A slot is a prop: `Renderable` for content, a function for a slot with arguments, an array for many entries. Attributes
 * that are passed on are a prop too: `rest?: Attributes`, put into a tag by `attrs(rest)`.
 *
 * ```ts
 * const card: Component<{ title: string; content: Renderable }> = ({ title, content }) =>
 *   html`<section><h2>${title}</h2>${content}</section>`;
 * ```
 *
 * A component of any type of rows is a plain generic function: `<Row>(props: TableProps<Row>): Rendered => …`.
 */
export type Component<Props extends object = {}> = (props: Props) => Rendered;
