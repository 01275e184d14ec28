import type { PendingStream } from "../../html/live-stream.ts";
import type { Rendered } from "../../html/rendered.ts";
import type { AsyncWork } from "../async/async-work.ts";
import type { ViewEvent } from "../client-message.ts";
import type { EventTarget } from "../event-target.ts";
import { withValues } from "../context-values.ts";
import { StageHooks } from "../hooks/stage-hooks.ts";
import type { ErasedContext } from "../live-view.ts";
import { noHandler } from "../view-errors.ts";
import type { LiveUpload } from "../uploads/live-upload.ts";
import type { UploadOwner } from "../uploads/upload.ts";
import type { ViewUploads } from "../uploads/view-uploads.ts";
import type { AnySocket } from "../view-services.ts";
import { ViewStreams, type StreamOwner } from "../view-streams.ts";
import type { ComponentKind } from "./create-live-component.ts";
import { InstanceSocket, type InstanceActions } from "./instance-socket.ts";

type Props = Readonly<Record<string, unknown>>;

/** Whom an instance tells that it has something new to show, and who has what it shares with its view. */
export interface InstanceWatcher {
  instanceChanged(instance: ComponentInstance): void;
  /** The view is over. */
  readonly isEnded: boolean;
  readonly asyncWork: AsyncWork;
  readonly uploads: ViewUploads;
}

/** One live component on one view's page: its context, and what the page has of it. */
export class ComponentInstance implements InstanceActions, StreamOwner, UploadOwner, EventTarget {
  /** By which the page knows it; never used again for another one. */
  readonly number: number;
  readonly kind: ComponentKind;
  readonly id: string;
  readonly socket: InstanceSocket;
  readonly #watcher: InstanceWatcher;
  #context: ErasedContext;
  #streams: ViewStreams | undefined;
  #stageHooks: StageHooks | undefined;
  /** What the page has of it; `undefined`: nothing, or nothing that one could rely on. */
  shown: Rendered | undefined = undefined;
  /** What its place gave it last. */
  placed: Props;
  /** The same, with what `sendUpdate` gave it since. */
  props: Props;
  /** Around it on the page; `undefined`: it stands in the view itself. */
  parent: ComponentInstance | undefined = undefined;
  /** The stream whose row it stands in, if it does. */
  stream: string | undefined = undefined;
  /** The last message that placed it. */
  placedIn = 0;
  /** The last message that brought it. */
  renderedIn = 0;
  /** The last message that brought it back to the page. */
  backIn = 0;
  /** Whether its renders place others. */
  isAround = false;
  isMounted = false;
  /** It waits for its turn in the message at hand. */
  isPending = false;
  /** Its props are not those of its last `update`. */
  isOutdated = true;
  /** The page says that it has no element of it any more, and may say next that it forgets it. */
  isMarked = false;
  isEnded = false;

  constructor(
    number: number,
    { kind, id, props }: { readonly kind: ComponentKind; readonly id: string; readonly props: Props },
    watcher: InstanceWatcher,
    view: AnySocket,
  ) {
    this.number = number;
    this.kind = kind;
    this.id = id;
    this.placed = props;
    this.props = props;
    this.#watcher = watcher;
    this.#context = { ...kind.definition.initial, ...props };
    this.socket = new InstanceSocket(this, view);
  }

  get name(): string {
    return this.kind.name;
  }

  get context(): ErasedContext {
    return this.#context;
  }

  assign(values: ErasedContext): void {
    this.#streams?.refuseAssigned(values);
    const assigned = withValues(this.#context, values);
    if (assigned === this.#context) return;
    this.#context = assigned;
    this.#watcher.instanceChanged(this);
  }

  // ── hooks ──

  /** Made for the first. */
  get stageHooks(): StageHooks {
    return (this.#stageHooks ??= new StageHooks(this, "component", () => this.isEnded || this.#watcher.isEnded));
  }

  get ownHooks(): StageHooks | undefined {
    return this.#stageHooks;
  }

  get asyncWork(): AsyncWork {
    return this.#watcher.asyncWork;
  }

  // ── streams ──

  /** Made when it has its first. */
  get streams(): ViewStreams {
    return (this.#streams ??= new ViewStreams(this, `${this.number}-`));
  }

  get ownStreams(): ViewStreams | undefined {
    return this.#streams;
  }

  streamChanged(stream: PendingStream): void {
    const { name } = stream;
    if (this.#context[name] !== stream) this.#context = { ...this.#context, [name]: stream };
    this.#watcher.instanceChanged(this);
  }

  // ── uploads ──

  get uploads(): ViewUploads {
    return this.#watcher.uploads;
  }

  showUpload(name: string, upload: LiveUpload<unknown>): void {
    if (this.isEnded) return;
    this.#context = { ...this.#context, [name]: upload };
    this.#watcher.instanceChanged(this);
  }

  // ── events ──

  get events(): EventTarget["events"] {
    return this.kind.definition.events;
  }

  get handlesEvents(): boolean {
    return this.kind.definition.handleEvent !== undefined || this.#stageHooks?.has("handleEvent") === true;
  }

  handleEvent(event: ViewEvent): unknown {
    const { definition } = this.kind;
    if (this.#stageHooks === undefined) return definition.handleEvent?.(event, this.socket);
    return this.#stageHooks.through("handleEvent", [event], () => {
      if (definition.handleEvent === undefined) throw noHandler(event.type, this.name);
      return definition.handleEvent(event, this.socket);
    });
  }
}
