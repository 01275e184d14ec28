/** What a view has to tell its page besides its diff, until the next frame takes it along. */
export class PageOutbox {
  #title: string | undefined;
  #eventsJson: string[] | undefined;
  #eventsLength = 0;
  #replyJson: string | undefined;
  #answer = "";

  set title(title: string) {
    this.#title = title;
  }

  /** Queues an event for the page. */
  pushEvent(name: string, payload: object): void {
    const json = `[${JSON.stringify(name)},${JSON.stringify(payload)}]`;
    (this.#eventsJson ??= []).push(json);
    this.#eventsLength += json.length;
  }

  /** How many events wait. */
  get eventCount(): number {
    return this.#eventsJson?.length ?? 0;
  }

  /** The length of their JSON text. */
  get eventsLength(): number {
    return this.#eventsLength;
  }

  /** What the hook that pushed the event at hand gets. */
  reply(value: unknown): void {
    this.#replyJson = JSON.stringify(value) ?? "null";
  }

  /** What the answer to the push at hand has beside its diff: members of an object, as JSON text. */
  answer(members: string): void {
    this.#answer = members;
  }

  /** The whole answer to a push, with a diff (JSON text, `""` for none). */
  takeAnswer(diff: string): string {
    const own = this.#answer;
    if (own === "") return diff === "" ? "{}" : `{"diff":${diff}}`;
    this.#answer = "";
    return diff === "" ? `{${own}}` : `{${own},"diff":${diff}}`;
  }

  get isEmpty(): boolean {
    return this.#title === undefined && this.#eventsJson === undefined && this.#replyJson === undefined;
  }

  /** The queued events as a JSON list, for an answer that carries no diff. */
  get eventsJson(): string {
    return `[${this.#eventsJson?.join(",") ?? ""}]`;
  }

  /** Puts what is queued into a diff (JSON text, `""` for an empty one), and forgets it. `""`: nothing to send. */
  takeInto(diff: string): string {
    if (this.isEmpty) return diff;
    let members = "";
    if (this.#title !== undefined) members += `,"t":${JSON.stringify(this.#title)}`;
    if (this.#eventsJson !== undefined) members += `,"e":[${this.#eventsJson.join(",")}]`;
    if (this.#replyJson !== undefined) members += `,"r":${this.#replyJson}`;
    this.#title = this.#eventsJson = this.#replyJson = undefined;
    this.#eventsLength = 0;
    return diff === "" || diff === "{}" ? `{${members.slice(1)}}` : `${diff.slice(0, -1)}${members}}`;
  }
}
