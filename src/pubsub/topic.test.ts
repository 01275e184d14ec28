import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { message, schemaOf, topic, type MessageOf, type Topic } from "./topic.ts";

type Said = { type: "said"; text: string };

describe("topic", () => {
  it("is its name at run time", () => {
    expect(topic<Said>("chat:lobby")).toBe("chat:lobby");
  });

  it("remembers its message type, and leaves plain strings unknown", () => {
    const room = topic<Said>("chat:typed");
    expectTypeOf<MessageOf<typeof room>>().toEqualTypeOf<Said>();
    expectTypeOf<MessageOf<string>>().toBeUnknown();
    expectTypeOf<MessageOf<"counter">>().toBeUnknown();
  });

  it("infers its message type from a schema", () => {
    const said = z.object({ type: z.literal("said"), text: z.string() });
    expectTypeOf(topic("chat:inferred", { schema: said })).toEqualTypeOf<Topic<Said>>();
  });

  it("finds the schema by the topic's name", () => {
    const schema = z.object({ type: z.literal("said"), text: z.string() });
    topic("chat:with-schema", { schema });
    topic<Said>("chat:without-schema");
    expect(schemaOf("chat:with-schema")).toBe(schema);
    expect(schemaOf("chat:without-schema")).toBeUndefined();
    expect(schemaOf("constructor")).toBeUndefined();
  });

  it("may be named again, with the same schema or with none", () => {
    const schema = z.object({ type: z.literal("said") });
    topic("chat:again", { schema });
    topic("chat:again", { schema });
    topic("chat:again");
    expect(schemaOf("chat:again")).toBe(schema);
  });

  it("refuses a second, different schema for the same name, and keeps the first", () => {
    const first = z.object({ type: z.literal("said") });
    topic("chat:conflict", { schema: first });
    expect(() => topic("chat:conflict", { schema: z.object({ type: z.literal("said") }) })).toThrow(
      expect.objectContaining({
        code: "topic.schema-conflict",
        message: expect.stringContaining('"chat:conflict" already has a different schema'),
      }),
    );
    expect(schemaOf("chat:conflict")).toBe(first);
  });

  it("takes names of 1 to 255 bytes of UTF-8", () => {
    expect(topic("x")).toBe("x");
    expect(topic("x".repeat(255))).toHaveLength(255);
    expect(topic("é".repeat(127) + "x")).toHaveLength(128);
    expect(topic("🦅".repeat(63) + "xyz")).toHaveLength(129);
  });

  it("refuses an empty name", () => {
    expect(() => topic("")).toThrow(expect.objectContaining({ code: "topic.invalid" }));
  });

  it("refuses a name of more than 255 bytes, counted in UTF-8, and says how many it has", () => {
    expect(() => topic("x".repeat(256))).toThrow(
      expect.objectContaining({ code: "topic.invalid", message: expect.stringContaining("256 bytes") }),
    );
    expect(() => topic("é".repeat(128))).toThrow(
      expect.objectContaining({ code: "topic.invalid", message: expect.stringContaining("256 bytes") }),
    );
    expect(() => topic("語".repeat(86))).toThrow(
      expect.objectContaining({ code: "topic.invalid", message: expect.stringContaining("258 bytes") }),
    );
  });

  it("refuses what is no string, as plain JavaScript may pass it", () => {
    expect(() => Reflect.apply(topic, undefined, [42])).toThrow(
      expect.objectContaining({ code: "topic.invalid", message: expect.stringContaining("number was given") }),
    );
  });
});

describe("message", () => {
  it("is a frozen, empty object", () => {
    expect(message<Said>()).toEqual({});
    expect(Object.isFrozen(message<Said>())).toBe(true);
  });
});
