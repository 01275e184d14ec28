import { describe, expect, it } from "vitest";
import { isRefusal, reasonOf, toError } from "./redis-reason.ts";

describe("isRefusal", () => {
  it.each([
    "NOPERM User app has no permissions to access the 'wingbeat:hall' channel",
    "ERR unknown command 'SSUBSCRIBE'",
    "WRONGPASS invalid username-password pair",
  ])("is true for what the server would say again: %s", (message) => {
    expect(isRefusal(new Error(message))).toBe(true);
  });

  it.each([
    "LOADING Redis is loading the dataset in memory",
    "CLUSTERDOWN Hash slot not served",
    "MOVED 3999 127.0.0.1:6381",
    "Socket closed unexpectedly",
    "connect ECONNREFUSED 127.0.0.1:6379",
    "The client is closed",
    "",
  ])("is false for what may pass: %s", (message) => {
    expect(isRefusal(new Error(message))).toBe(false);
  });
});

describe("reasonOf", () => {
  it("is the message, where there is one", () => {
    expect(reasonOf(new Error("Socket closed unexpectedly"))).toBe("Socket closed unexpectedly");
  });

  it("is the first of several errors, as connecting to a name with two addresses gives", () => {
    const both = new AggregateError([new Error("connect ECONNREFUSED ::1:6379"), new Error("another")]);
    expect(reasonOf(both)).toBe("connect ECONNREFUSED ::1:6379");
  });

  it("is the code of an error without a message", () => {
    expect(reasonOf(Object.assign(new Error(""), { code: "ETIMEDOUT" }))).toBe("ETIMEDOUT");
    expect(reasonOf(new TypeError(""))).toBe("TypeError");
  });
});

describe("toError", () => {
  it("leaves errors as they are, and makes one of everything else", () => {
    const error = new RangeError("too far");
    expect(toError(error)).toBe(error);
    expect(toError("a text")).toEqual(new Error("a text"));
  });
});
