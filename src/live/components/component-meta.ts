import { JSCommands } from "../../html/js-commands.ts";
import { Command } from "../../html/rendered.ts";
import type { AnyMessage } from "../messages.ts";
import { checkMetaEvent } from "../argument-checks.ts";
import { ViewMeta, type MetaSource } from "../view-meta.ts";
import type { ComponentMeta } from "./component-definition.ts";

/** What a component's render gets beside its context. */
export class InstanceMeta extends ViewMeta implements ComponentMeta<AnyMessage, AnyMessage> {
  readonly self: number;
  constructor(source: MetaSource, number: number) {
    super(source);
    this.self = number;
  }

  override get js(): JSCommands<AnyMessage> {
    return new JSCommands([], this.self);
  }

  override event(name: string, value?: object): Command {
    checkMetaEvent(name);
    const { self } = this;
    return new Command([
      ["push", value === undefined ? { event: name, target: self } : { event: name, value, target: self }],
    ]);
  }
}
