/** What travels on a typed topic, and what views handle as events and infos: an object with a `type` to tell them apart by. */
export interface Message {
  readonly type: string;
}
