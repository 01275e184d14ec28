import { JS, type JSCommands } from "../html/js-commands.ts";
import { Command } from "../html/rendered.ts";
import type { AnyMessage } from "./messages.ts";
import type { Flash, RenderMeta } from "./render-meta.ts";

/** What the meta of one render reads of its view. */
export interface MetaSource {
  readonly csrfToken: string;
  readonly url: URL;
  readonly flash: Flash;
}

/** What a render gets beside its context. Made for each render, so that it costs nothing where none is asked for. */
export class ViewMeta implements RenderMeta<AnyMessage, AnyMessage> {
  readonly #source: MetaSource;
  constructor(source: MetaSource) {
    this.#source = source;
  }

  get csrfToken(): string {
    return this.#source.csrfToken;
  }

  get url(): URL {
    return this.#source.url;
  }

  get flash(): Flash {
    return this.#source.flash;
  }

  get js(): JSCommands<AnyMessage> {
    return JS;
  }

  event(name: string, value?: object): Command {
    return new Command([["push", value === undefined ? { event: name } : { event: name, value }]]);
  }
}
