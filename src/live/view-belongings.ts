import type { ViewCompanion } from "../view-life.ts";
import { AsyncWork, type AsyncHost, type AsyncOwner } from "./async/async-work.ts";
import type { TopicMember } from "./topic-hub.ts";
import { ViewUploads, type UploadsHost } from "./uploads/view-uploads.ts";
import { ViewCompanions } from "./view-companions.ts";
import type { ViewServices } from "./view-services.ts";
import { ViewSubscriptions } from "./view-subscriptions.ts";
import { ViewTimers } from "./view-timers.ts";

/** The view that they belong to. */
export interface OwningView extends TopicMember, AsyncHost, UploadsHost {
  readonly services: ViewServices;
}

/**
 * What a view has got hold of while it lives, each kind made when there is a first: its timers, work, uploads and
 * subscriptions, and whatever else accompanies it. All of it ends here, however the view does.
 */
export class ViewBelongings {
  readonly #view: OwningView;
  #timers: ViewTimers | undefined;
  #asyncWork: AsyncWork | undefined;
  #uploads: ViewUploads | undefined;
  #subscriptions: ViewSubscriptions | undefined;
  #companions: ViewCompanions | undefined;

  constructor(view: OwningView) {
    this.#view = view;
  }

  get timers(): ViewTimers {
    return (this.#timers ??= new ViewTimers(this.#view.services.activity));
  }

  get asyncWork(): AsyncWork {
    return (this.#asyncWork ??= new AsyncWork(this.#view));
  }

  get uploads(): ViewUploads {
    return (this.#uploads ??= new ViewUploads(this.#view));
  }

  /** `undefined` if it has never allowed any. */
  get ownUploads(): ViewUploads | undefined {
    return this.#uploads;
  }

  get subscriptions(): ViewSubscriptions {
    return (this.#subscriptions ??= new ViewSubscriptions(this.#view.services.topics, this.#view));
  }

  /** `undefined` if it has never subscribed to anything. */
  get ownSubscriptions(): ViewSubscriptions | undefined {
    return this.#subscriptions;
  }

  accompany(companion: ViewCompanion): void {
    (this.#companions ??= new ViewCompanions()).add(companion);
  }

  // ── ends ──

  viewEnded(): void {
    this.#timers?.clear();
    this.#asyncWork?.end();
    this.#subscriptions?.clear();
    this.#companions?.viewEnded();
  }

  /** The view mounts anew. What it asks for again until `renewalEnded` goes on without a break. */
  renewalBegan(): void {
    this.#timers?.clear();
    this.#asyncWork?.end();
    this.#subscriptions?.beginRenewal();
    this.#companions?.renewalBegan();
  }

  renewalEnded(): void {
    this.#subscriptions?.endRenewal();
    this.#companions?.renewalEnded();
  }

  /** A live component has left the page. */
  componentEnded(component: AsyncOwner): void {
    this.#asyncWork?.ownerEnded(component);
    this.#uploads?.ownerEnded(component);
  }
}
