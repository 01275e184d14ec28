import type { StandardSchemaV1 } from "@standard-schema/spec";
import { LiveError } from "../errors.ts";
import type { Message } from "./message.ts";

declare const carries: unique symbol;
/** A topic's name that remembers the type of its messages. Made by `topic`. At run time it is the name, nothing else. */
export type Topic<M = unknown> = string & { readonly [carries]: M };
/** Any string that is not a `Topic`. */
export type PlainTopic = string & { readonly [carries]?: never };
/** The message type of a topic: `unknown` for a plain string. */
export type MessageOf<T extends string> = T extends { readonly [carries]: infer M } ? M : unknown;
/** Stands for messages of type `M` where no topic does (`infos: [message<Saved>()]`). Exists for the type checker only. */
export interface Witness<M> {
  readonly [carries]: M;
}
/** What checks a topic's messages when they come from outside this program. Any Standard Schema: zod, valibot, arktype. */
export type TopicSchema<M> = StandardSchemaV1<unknown, M>;

export interface TopicOptions<M> {
  /**
   * Checks messages that other programs publish on this topic; those of our own processes are trusted.
   * Remembered by name for the life of the process.
   */
  readonly schema?: TopicSchema<M> | undefined;
}

/** In UTF-8 bytes: the limit of the length field in the binary frames that name a topic. */
const MAX_TOPIC_BYTES = 255;
/** A UTF-16 unit takes at most three bytes in UTF-8, so a name this short needs no counting. */
const SURELY_SHORT = Math.floor(MAX_TOPIC_BYTES / 3);

const schemas = new Map<string, TopicSchema<unknown>>();

/**
 * Names a topic and says what is sent on it: `const room = topic<RoomMessage>("chat:lobby")`. With a schema the type
 * is inferred. Calling it again with the same name is fine, with the same schema or none.
 *
 * @throws {LiveError} `topic.invalid` if the name is empty or longer than 255 bytes of UTF-8.
 * @throws {LiveError} `topic.schema-conflict` if the name already has another schema.
 */
export function topic<M extends Message>(name: string, options?: TopicOptions<M>): Topic<M> {
  checkTopic(name);
  const schema = options?.schema;
  if (schema !== undefined) rememberSchema(name, schema);
  // `carries` is declared, never defined: a Topic is a string to everybody but the type checker.
  return name as Topic<M>;
}

/** The schema that `topic` was given for this name, if any. */
export function schemaOf(name: string): TopicSchema<unknown> | undefined {
  return schemas.get(name);
}

const witness = Object.freeze({});

/** Says that a view handles infos of type `M` that come from no typed topic: `infos: [room, message<Saved>()]`. */
export function message<M extends Message>(): Witness<M> {
  // A witness is never read: `carries` exists for the type checker only.
  return witness as Witness<M>;
}

/**
 * Refuses what cannot name a topic.
 *
 * @throws {LiveError} `topic.invalid` if the name is no string, empty, or longer than 255 bytes of UTF-8.
 */
export function checkTopic(name: string): void {
  if (typeof name === "string" && name.length > 0 && name.length <= SURELY_SHORT) return;
  if (typeof name !== "string") {
    throw new LiveError("topic.invalid", `A topic is a string such as "room:42", but ${typeof name} was given.`);
  }
  if (name.length === 0) throw new LiveError("topic.invalid", 'A topic needs a name, such as "room:42"; it is empty.');
  const bytes = new TextEncoder().encode(name).byteLength;
  if (bytes > MAX_TOPIC_BYTES) {
    throw new LiveError(
      "topic.invalid",
      `The topic "${name.slice(0, 40)}…" has ${bytes} bytes; at most ${MAX_TOPIC_BYTES} bytes of UTF-8 are allowed. ` +
        "Name it by an id, and put the rest into the messages.",
    );
  }
}

function rememberSchema(name: string, schema: TopicSchema<unknown>): void {
  const known = schemas.get(name);
  if (known !== undefined && known !== schema) {
    throw new LiveError(
      "topic.schema-conflict",
      `
The topic "${name}" already has a different schema. One topic has one: make the schema once, outside of any function,
and use it wherever the topic is named:

    const roomMessage = z.object({ … });
    const room = (id: string) => topic(\`room:\${id}\`, { schema: roomMessage });
`.trim(),
    );
  }
  schemas.set(name, schema);
}
