import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_PARAM_LIMITS } from "./params.ts";
import { decodePreflight, decodeProgress, decodeUploadJoin, decodeUploads } from "./uploads.ts";

const file = {
  ref: "0",
  name: "a.txt",
  size: 25,
  type: "text/plain",
  relative_path: "",
  last_modified: 1,
  path: "avatar",
};

describe("decodeUploads", () => {
  it("takes the files of each input of a form", () => {
    expect(decodeUploads({ "phx-A": [file] }, DEFAULT_PARAM_LIMITS)).toEqual({
      ok: true,
      value: [
        {
          upload: "phx-A",
          files: [
            {
              ref: "0",
              name: "a.txt",
              size: 25,
              type: "text/plain",
              relativePath: "",
              lastModified: 1,
              meta: undefined,
            },
          ],
        },
      ],
    });
  });

  it("is silent about forms without files", () => {
    for (const nothing of [undefined, null, {}]) {
      expect(decodeUploads(nothing, DEFAULT_PARAM_LIMITS)).toEqual({ ok: true, value: undefined });
    }
  });

  it.each([
    ["a list", [], "the event's uploads are not an object"],
    ["no list of files", { a: {} }, "the files of an upload are not a list"],
    ["a path as a ref", { a: [{ ...file, ref: "../0" }] }, "a file's ref is not a number as text"],
    ["a name of a prototype as a ref", { a: [{ ...file, ref: "__proto__" }] }, "a file's ref is not a number as text"],
    ["a negative size", { a: [{ ...file, size: -1 }] }, "a file's size is not a whole number of 0 or more"],
    ["a broken size", { a: [{ ...file, size: 1e300 }] }, "a file's size is not a whole number of 0 or more"],
    [
      "a long name",
      { a: [{ ...file, name: "x".repeat(4097) }] },
      "a file's name is not a string of at most 4096 characters",
    ],
    ["one ref twice", { a: [file, file] }, "an upload has two files of the same ref"],
    [
      "a flood of files",
      { a: Array.from({ length: 1001 }, (_none, index) => ({ ...file, ref: String(index) })) },
      "an upload has more than 1000 files",
    ],
  ])("refuses %s", (_name, uploads, reason) => {
    expect(decodeUploads(uploads, DEFAULT_PARAM_LIMITS)).toEqual({ ok: false, reason });
  });

  it("keeps keys that reach a prototype out of what the page says about a file", () => {
    const meta: unknown = JSON.parse('{"__proto__":{"isAdmin":true},"tags":["a"]}');
    const decoded = decodeUploads({ a: [{ ...file, meta }] }, DEFAULT_PARAM_LIMITS);
    expect(decoded).toMatchObject({ ok: true, value: [{ files: [{ meta: { tags: ["a"] } }] }] });
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe("decoders of uploads", () => {
  it("take the question whether files may be uploaded", () => {
    expect(decodePreflight({ ref: "phx-A", entries: [file], cid: 3 }, DEFAULT_PARAM_LIMITS)).toMatchObject({
      ok: true,
      value: { upload: "phx-A", cid: 3, files: [{ ref: "0" }] },
    });
  });

  it("take a progress in percent, and what went wrong instead", () => {
    const base = { event: null, ref: "phx-A", entry_ref: "0" };
    expect(decodeProgress({ ...base, progress: 40 })).toEqual({
      ok: true,
      value: { upload: "phx-A", file: "0", progress: 40, cid: undefined },
    });
    expect(decodeProgress({ ...base, progress: { error: "failed" } })).toMatchObject({
      value: { progress: { error: "failed" } },
    });
    for (const progress of [101, -1, 0.5, "40", null, {}]) {
      expect(decodeProgress({ ...base, progress })).toEqual({
        ok: false,
        reason: "its progress is neither a whole number from 0 to 100 nor an error",
      });
    }
  });

  it("never throw, whatever arrives", () => {
    fc.assert(
      fc.property(fc.anything(), (payload) => {
        decodeUploads(payload, DEFAULT_PARAM_LIMITS);
        decodePreflight(payload, DEFAULT_PARAM_LIMITS);
        decodeProgress(payload);
        decodeUploadJoin(payload);
      }),
    );
  });
});
