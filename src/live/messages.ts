import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Message } from "../pubsub/message.ts";
import type { Witness } from "../pubsub/topic.ts";

/** A value, or a promise of it. Every callback may be synchronous or asynchronous; a synchronous one costs no promise. */
export type Awaitable<T> = T | Promise<T>;

/** Writes a computed type out, so that editors and errors show its fields and not how it came about. */
type Simplify<T> = { [K in keyof T]: T[K] } & {};

/** `Omit` of each member of a union by itself. Plain `Omit` would keep only the keys that all members share. */
type OmitEach<U, K extends PropertyKey> = U extends unknown ? Simplify<Omit<U, K>> : never;

/** What an event or an info is when a view declares none: any name, every field `unknown`. */
export interface AnyMessage extends Message {
  readonly [field: string]: unknown;
}

/** The members of `U` that are, or may be (`type: string`), named `T`. `Extract` would find no `AnyMessage` for a literal. */
type Named<U extends Message, T extends string> = U extends Message
  ? U["type"] extends T
    ? U
    : T extends U["type"]
      ? U
      : never
  : never;

/** The fields of the messages named `T`, without `type`. */
export type FieldsOf<U extends Message, T extends U["type"]> = OmitEach<Named<U, T>, "type">;

/**
 * What may be given where `U` is expected. When nothing was declared (`U` is `AnyMessage`), a message declared as an
 * `interface` fits too, although it has no index signature.
 */
export type Given<U extends Message> = AnyMessage extends U ? U | Message : U;

/** The names of the messages that need no field but `type`: `"tick"` may then stand for `{ type: "tick" }`. */
export type BareName<U extends Message> = U extends Message ? ({} extends Omit<U, "type"> ? U["type"] : never) : never;

/**
 * One Standard Schema (zod, valibot, arktype, …) for each event's value, by the event's name. A schema sees the value
 * without its `type`. It may transform: handlers get its output, templates send its input.
 */
export type Schemas = { readonly [event: string]: StandardSchemaV1<unknown, object> };

/**
 * Schemas beside a union of events that was written by hand: one for each event, which must yield the fields that the
 * union names. All of them, because an event without a schema is refused.
 */
export type SchemasFor<E extends Message> = {
  readonly [T in E["type"]]: StandardSchemaV1<unknown, FieldsOf<E, T>>;
};

type Typed<T extends string, Fields> = Simplify<{ readonly type: T } & OmitEach<Fields, "type">>;

/** What handlers get: each event's name with its schema's output. */
export type EventsIn<S extends Schemas> = {
  [T in keyof S & string]: Typed<T, StandardSchemaV1.InferOutput<S[T]>>;
}[keyof S & string];

/** What templates may send: each event's name with its schema's input. */
export type SentIn<S extends Schemas> = {
  [T in keyof S & string]: Typed<T, StandardSchemaV1.InferInput<S[T]>>;
}[keyof S & string];

/** The events a view handles: from its schemas when `E` was not written out. */
export type EventIn<E extends Message, S extends Schemas> = [S] extends [never] ? E : EventsIn<S>;

/** The events a view's templates may send: from its schemas when `E` was not written out. */
export type Sent<E extends Message, S extends Schemas> = [S] extends [never] ? E : SentIn<S>;

/** The infos a view handles: from its topics and witnesses (`infos: […]`) when `I` was not written out. */
export type InfoIn<I extends Message, W> = [W] extends [never]
  ? I
  : W extends Witness<infer M extends Message>
    ? M
    : never;
