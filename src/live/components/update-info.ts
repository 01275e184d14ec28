import type { ErasedContext } from "../live-view.ts";
import { kindOf, type ComponentKind } from "./create-live-component.ts";

/**
 * What `sendUpdate` gives a component, on its way through the view's mailbox, in the lane of infos. It is known by its
 * class, which no message of a topic can have.
 */
export class UpdateInfo {
  /** For logs: infos have a type. */
  readonly type = "update";
  readonly kind: ComponentKind;
  readonly id: string;
  readonly props: ErasedContext;

  /** @throws {LiveError} `component.invalid-definition` if `component` is none. */
  constructor(component: unknown, id: string | number, props: object) {
    this.kind = kindOf(component);
    this.id = String(id);
    this.props = { ...props };
  }
}
