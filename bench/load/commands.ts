import type { RoomsOrder, TalkOrder, TalkReport } from "./chatters.ts";
import type { ClickOrder, ClickReport } from "./clicks.ts";
import type { DeliveryReport } from "./deliveries.ts";
import type { PagesOrder, PagesReport } from "./pages.ts";
import type { RecoveryReport } from "./slow-reader.ts";
import type { Usage } from "../servers/commands.ts";
import type { Target } from "./visitor.ts";

/** What the bench command may ask of the load generator. */
export interface LoadCommands {
  /** Lets visitors join a page, `atOnce` at a time. */
  join(input: JoinOrder): Promise<{ readonly seconds: number }>;
  /** Begins to record what arrives, until message number `last`. */
  watch(input: { readonly last: number }): void;
  /** Resolves when everything watched for has arrived, or nothing came for `timeoutMs`. */
  deliveries(input: { readonly timeoutMs: number }): Promise<DeliveryReport>;
  /** Lets visitors come into rooms. */
  enter(order: RoomsOrder): Promise<{ readonly seconds: number }>;
  /** They talk, and hear each other. */
  talk(order: TalkOrder): Promise<TalkReport>;
  click(order: ClickOrder): Promise<ClickReport>;
  pages(order: PagesOrder): Promise<PagesReport>;
  /** One of the visitors stops reading; it is no longer among those watched. */
  stall(input: { readonly port: number }): void;
  /** It reads again until it shows message number `last`. */
  recover(input: { readonly last: number; readonly timeoutMs: number }): Promise<RecoveryReport>;
  /** Everybody goes. */
  leave(input: null): void;
  /** Connections that the server has closed, by close code. */
  closed(input: null): Readonly<Record<string, number>>;
  usage(input: null): Promise<Usage>;
}

export interface JoinOrder {
  readonly target: Target;
  readonly count: number;
  readonly atOnce: number;
  readonly sendsHeartbeats: boolean;
}
