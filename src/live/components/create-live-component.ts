import { LiveError } from "../../errors.ts";
import type { Message } from "../../pubsub/message.ts";
import { checkComponentDefinition } from "../definition-checks.ts";
import type { AnyMessage, EventIn, Schemas, SchemasFor, Sent } from "../messages.ts";
import type { ErasedComponentDefinition, LiveComponentDefinition } from "./component-definition.ts";
import { ComponentHandle, type LiveComponent } from "./live-component.ts";

/**
 * Defines a live component: a part of a view's page with a state, events and a render of its own, of which there may be
 * many on one page. It runs within the view: it costs no process, and what changes in it alone is all that is sent.
 *
 * ```ts
 * const counter = createLiveComponent<{ label: string }, { count: number }, { type: "inc" }>({
 *   initial: { count: 0 },
 *   handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
 *   render: (context, meta) => html`<button phx-click="${meta.event("inc")}">${context.label}: ${context.count}</button>`,
 * });
 *
 * html`${liveComponent(counter, { id: "a", label: "Apples" })} ${liveComponent(counter, { id: "b", label: "Pears" })}`;
 * ```
 *
 * @typeParam Props what each place gives it: one object type. It may name `id`, which is in the context in any case.
 * @typeParam State what the component keeps beside its props.
 * @typeParam E its events: a union of objects with a literal `type`.
 * @typeParam ToParent the infos that it sends to its view by `socket.sendParent`.
 * @throws {LiveError} `component.invalid-definition` if there is no `render`, both `update` and `updateMany`, or what is no callback,
 * state or schema in the place of one.
 */
export function createLiveComponent<
  Props extends object,
  State extends object = {},
  E extends Message = AnyMessage,
  ToParent extends Message = never,
  const S extends Schemas = never,
>(
  definition: LiveComponentDefinition<Props, State, EventIn<E, S>, Sent<E, S>, ToParent> & {
    /** Schemas for its events, one for each; see `createLiveView`. */
    readonly events?: S | NoInfer<SchemasFor<E>> | undefined;
  },
): LiveComponent<Props, ToParent> {
  const untyped: { readonly render?: unknown } | undefined = definition;
  if (typeof untyped?.render !== "function") {
    throw new LiveError(
      "component.invalid-definition",
      `
createLiveComponent got ${untyped === undefined || untyped === null ? String(untyped) : "a definition"} without a render function.
Every live component needs one that shows its context as one element:

    createLiveComponent<{ name: string }>({ render: (context) => html\`<p>\${context.name}</p>\` })
`.trim(),
    );
  }
  checkComponentDefinition(definition);
  if (definition.update !== undefined && definition.updateMany !== undefined) {
    throw new LiveError(
      "component.invalid-definition",
      "createLiveComponent got both update and updateMany, of which only one can bring an instance up to date. Keep updateMany, which gets all instances of a render at once, or update, which gets one.",
    );
  }
  // The types end here, as in `createLiveView`: what callbacks are given was checked at the component's places.
  const erased = definition as unknown as ErasedComponentDefinition;
  return new ComponentHandle(new ComponentKind(definition.name ?? placeOfCall(new Error().stack), erased));
}

/** A live component as the runtime knows it: by identity. */
export class ComponentKind {
  readonly name: string;
  readonly definition: ErasedComponentDefinition;
  constructor(name: string, definition: ErasedComponentDefinition) {
    this.name = name;
    this.definition = definition;
  }
}

/** `the component of tasks.ts:12`, after the frame of `createLiveComponent` itself. */
function placeOfCall(stack: string | undefined): string {
  const frame = stack?.split("\n")[2] ?? "";
  const place = /([^/\\\s(:]+:\d+)(?::\d+)?\)?$/.exec(frame)?.[1];
  return place === undefined ? "a component" : `the component of ${place}`;
}

/** What a place in a template places: nothing but `liveComponent` makes one. */
export function kindOfPlace(component: object): ComponentKind {
  if (component instanceof ComponentKind) return component;
  throw new TypeError("A place of a live component that no live component made.");
}

/** @throws {LiveError} `component.invalid-definition` if it was not made by this copy's `createLiveComponent`. */
export function kindOf(component: unknown): ComponentKind {
  const kind = ComponentHandle.kindOf(component);
  if (kind instanceof ComponentKind) return kind;
  throw new LiveError(
    "component.invalid-definition",
    `Expected a live component, as createLiveComponent makes it, and got ${component === null ? "null" : typeof component}. A function component is called: \${card({ title })}.`,
  );
}
