import type { ErasedContext } from "../live-view.ts";
import type { Display } from "../display.ts";
import { OwnWork } from "../own-work.ts";
import { kindOf, type ComponentKind } from "./create-live-component.ts";

/** What `sendUpdate` gives a component, on its way through the view's mailbox. */
export class UpdateInfo extends OwnWork {
  readonly type = "update";
  readonly callback = "update";
  readonly kind: ComponentKind;
  readonly id: string;
  readonly props: ErasedContext;

  /** @throws {LiveError} `component.invalid-definition` if `component` is none. */
  constructor(component: unknown, id: string | number, props: object) {
    super();
    this.kind = kindOf(component);
    this.id = String(id);
    this.props = { ...props };
  }

  run({ display }: { readonly display: Display }): unknown {
    return display.components?.update(this);
  }
}
