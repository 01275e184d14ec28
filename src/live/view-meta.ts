import { checkMetaEvent } from "./argument-checks.ts";
import { JS, type JSCommands } from "../html/js-commands.ts";
import { Command, type Rendered } from "../html/rendered.ts";
import type { ComponentId } from "./components/live-component.ts";
import { placeLiveComponent } from "./components/place-live-component.ts";
import type { AnyMessage } from "./messages.ts";
import type { Flash, RenderMeta } from "./render-meta.ts";

/** What the meta of one render reads of its view. */
export interface MetaSource {
  readonly csrfToken: string;
  readonly nonce: string;
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

  get nonce(): string {
    return this.#source.nonce;
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

  liveComponent(component: object, props: ComponentId): Rendered {
    return placeLiveComponent(component, props);
  }

  event(name: string, value?: object): Command {
    checkMetaEvent(name);
    return new Command([["push", value === undefined ? { event: name } : { event: name, value }]]);
  }
}
