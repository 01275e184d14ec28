/** One operation of what an attribute such as `phx-click` does: docs/protocol.md, section 19. */
export interface Operation {
  /** `push`, `add_class`, … */
  readonly kind: string;
  readonly args: { readonly [name: string]: unknown };
}

/** Reads the attribute: the name of an event, or a list of operations as JSON. */
export function readEventAttribute(attribute: string): Operation[] {
  if (!attribute.startsWith("[")) return [{ kind: "push", args: { event: attribute } }];
  return readOperations(attribute);
}

/** Reads a list of operations. @throws {SyntaxError} for what is none */
export function readOperations(json: string): Operation[] {
  const operations: unknown = JSON.parse(json);
  return Array.isArray(operations) ? operations.map(readOperation) : [];
}

function readOperation(operation: unknown): Operation {
  const [kind, args] = Array.isArray(operation) ? (operation as unknown[]) : [];
  // Any object has fields of which nothing is known.
  return { kind: String(kind), args: typeof args === "object" && args !== null ? { ...args } : {} };
}

/** An event that an attribute sends, with the value that it adds to what the element sends by itself. */
export interface PushedEvent {
  readonly event: string;
  readonly value: object;
  /** For which live component: its number, or a selector; `undefined`: the element's `phx-target` says. */
  readonly target: unknown;
}

export function readPush({ event, value, target }: Operation["args"]): PushedEvent {
  return { event: String(event), value: typeof value === "object" && value !== null ? value : {}, target };
}

/** The events that an attribute sends. */
export function pushesOf(attribute: string): readonly PushedEvent[] {
  return readEventAttribute(attribute).flatMap(({ kind, args }) => (kind === "push" ? [readPush(args)] : []));
}
