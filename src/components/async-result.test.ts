import { describe, expect, it } from "vitest";
import { AsyncResult } from "../live/async/async-result.ts";
import { asyncResult } from "./async-result.ts";

const show = (result: AsyncResult<string>) =>
  asyncResult(result, {
    loading: "…",
    failed: (error, previous) => `${String(error)} after ${previous ?? "nothing"}`,
    ok: (value, status) => `${value} (${status})`,
  });
const ok = AsyncResult.ok("Ada");

describe("asyncResult", () => {
  it("shows the value", () => {
    expect(show(ok)).toBe("Ada (ok)");
  });

  it("shows that it is loading, but a previous value rather than that", () => {
    expect(show(AsyncResult.loading())).toBe("…");
    expect(show(AsyncResult.loading(ok))).toBe("Ada (loading)");
  });

  it("shows a failure, with the previous value at hand", () => {
    expect(show(AsyncResult.failed("down"))).toBe("down after nothing");
    expect(show(AsyncResult.failed("down", AsyncResult.loading(ok)))).toBe("down after Ada");
  });

  it("shows the previous value or nothing where nothing else is said", () => {
    const plain = (result: AsyncResult<string>) => asyncResult(result, { ok: (value) => value });
    expect(plain(AsyncResult.loading())).toBeUndefined();
    expect(plain(AsyncResult.failed("down"))).toBeNull();
    expect(plain(AsyncResult.failed("down", ok))).toBe("Ada");
  });
});
