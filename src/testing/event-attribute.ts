import { LiveError } from "../errors.ts";

/** What an attribute such as `phx-click` does, in order: docs/protocol.md, section 19. */
export type Command =
  | { readonly kind: "push"; readonly event: string; readonly value: object }
  | { readonly kind: "navigate" | "patch"; readonly href: string; readonly replace: boolean }
  | { readonly kind: "exec"; readonly attribute: string };

/**
 * Reads the attribute: the name of an event, or a list of commands as JSON.
 * @throws {LiveError} `testing.action` for a command that the kit does not run.
 */
export function readEventAttribute(attribute: string): Command[] {
  if (!attribute.startsWith("[")) return [{ kind: "push", event: attribute, value: {} }];
  const commands: unknown = JSON.parse(attribute);
  return Array.isArray(commands) ? commands.map(readCommand) : [];
}

function readCommand(command: unknown): Command {
  const [kind, given] = Array.isArray(command) ? (command as unknown[]) : [];
  const args = typeof given === "object" && given !== null ? given : {};
  const { event, value, href, replace, attr } = args as { [name: string]: unknown };
  if (kind === "push")
    return { kind, event: String(event), value: typeof value === "object" && value !== null ? value : {} };
  if (kind === "navigate" || kind === "patch") return { kind, href: String(href), replace: replace === true };
  if (kind === "exec") return { kind, attribute: String(attr) };
  throw new LiveError(
    "testing.action",
    `The test kit does not run the JS command ${JSON.stringify(kind)}. It runs push, navigate, patch and exec; test what others do in a browser.`,
  );
}

/** The events that an attribute sends. */
export function pushesOf(attribute: string): readonly { readonly event: string; readonly value: object }[] {
  return readEventAttribute(attribute).flatMap((command) => (command.kind === "push" ? [command] : []));
}
