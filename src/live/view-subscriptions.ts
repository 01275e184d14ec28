import { LIVE, type TopicHub, type TopicMember } from "./topic-hub.ts";

/** The topics of one view. They end with it. */
export class ViewSubscriptions {
  readonly #hub: TopicHub;
  readonly #member: TopicMember;
  /**
   * A list, not a set: views have a few topics, and a set of one costs more than the rest of this object. Copied, not
   * pushed to, because a push makes room for sixteen more.
   */
  #topics: string[] = [];
  #pending: Promise<void>[] | undefined;
  /** Those asked for since `beginRenewal`; `undefined` without one. */
  #renewed: string[] | undefined;

  constructor(hub: TopicHub, member: TopicMember) {
    this.#hub = hub;
    this.#member = member;
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  subscribe(topic: string): Promise<void> {
    this.#renewed?.push(topic);
    if (!this.#topics.includes(topic)) this.#topics = this.#topics.concat(topic);
    const live = this.#hub.subscribe(topic, this.#member);
    if (live === LIVE) return live;
    (this.#pending ??= []).push(live);
    // Heard at the end of the callback. Should it fail or throw before, it must not count as unheard.
    live.catch(() => {});
    return live;
  }

  unsubscribe(topic: string): Promise<void> {
    if (!this.#topics.includes(topic)) return LIVE;
    this.#topics = this.#topics.filter((other) => other !== topic);
    return this.#hub.unsubscribe(topic, this.#member);
  }

  get hasPending(): boolean {
    return this.#pending !== undefined;
  }

  /** What has to settle before the subscriptions asked for since the last call are live. */
  takePending(): readonly Promise<void>[] {
    const pending = this.#pending ?? [];
    this.#pending = undefined;
    return pending;
  }

  /** The view mounts anew: `endRenewal` ends the subscriptions that were not asked for again by then. The others never pause. */
  beginRenewal(): void {
    this.#renewed = [];
  }

  endRenewal(): void {
    const renewed = this.#renewed;
    if (renewed === undefined) return;
    this.#renewed = undefined;
    // The hub reports what goes wrong.
    for (const topic of this.#topics) if (!renewed.includes(topic)) void this.unsubscribe(topic);
  }

  clear(): void {
    // The hub reports what goes wrong.
    for (const topic of this.#topics) void this.#hub.unsubscribe(topic, this.#member);
    this.#topics = [];
  }
}
