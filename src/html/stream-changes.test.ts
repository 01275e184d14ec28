import { describe, expect, it } from "vitest";
import { insertsOnEmptyPage, StreamChanges, type StreamInsert } from "./stream-changes.ts";

const insert = (domId: string, item: unknown = domId, options: Partial<StreamInsert> = {}): StreamInsert => ({
  domId,
  item,
  at: -1,
  limit: undefined,
  updateOnly: false,
  ...options,
});

function changesAfter(work: (changes: StreamChanges) => void): unknown {
  const changes = new StreamChanges();
  work(changes);
  return {
    inserts: [...changes.inserts.values()].map(({ domId, item, at, updateOnly }) => [domId, item, at, updateOnly]),
    deletes: [...changes.deletes],
    isReset: changes.isReset,
  };
}

describe("the changes of a stream between two renders", () => {
  it("are its inserts in their order, and its deletes", () => {
    const changes = changesAfter((stream) => {
      stream.insert(insert("b"));
      stream.insert(insert("a", "A", { at: 0 }));
      stream.delete("c");
    });
    expect(changes).toEqual({
      inserts: [
        ["b", "b", -1, false],
        ["a", "A", 0, false],
      ],
      deletes: ["c"],
      isReset: false,
    });
  });

  it("have the latest item of an id, at the place of the insert that brought it", () => {
    const changes = changesAfter((stream) => {
      stream.insert(insert("a", 1, { at: 0 }));
      stream.insert(insert("b"));
      stream.insert(insert("a", 2, { at: 5 }));
    });
    expect(changes).toMatchObject({
      inserts: [
        ["a", 2, 0, false],
        ["b", "b", -1, false],
      ],
    });
  });

  it("insert a row that only an update was to change before, where and when the insert says", () => {
    const changes = changesAfter((stream) => {
      stream.insert(insert("a", 1, { updateOnly: true }));
      stream.insert(insert("b"));
      stream.insert(insert("a", 2, { at: 0 }));
    });
    expect(changes).toMatchObject({
      inserts: [
        ["b", "b", -1, false],
        ["a", 2, 0, false],
      ],
    });
  });

  it("update a row that is inserted in the same turn", () => {
    const changes = changesAfter((stream) => {
      stream.insert(insert("a", 1));
      stream.insert(insert("a", 2, { updateOnly: true }));
    });
    expect(changes).toMatchObject({ inserts: [["a", 2, -1, false]] });
  });

  it("take back the insert of what is deleted after it", () => {
    const changes = changesAfter((stream) => {
      stream.insert(insert("a"));
      stream.delete("a");
    });
    expect(changes).toEqual({ inserts: [], deletes: ["a"], isReset: false });
  });

  it("delete and insert what is to move", () => {
    const changes = changesAfter((stream) => {
      stream.delete("a");
      stream.insert(insert("a"));
    });
    expect(changes).toMatchObject({ inserts: [["a", "a", -1, false]], deletes: ["a"] });
  });

  it("do not update what was deleted, or went with a reset", () => {
    const changes = changesAfter((stream) => {
      stream.delete("a");
      stream.insert(insert("a", 1, { updateOnly: true }));
    });
    expect(changes).toEqual({ inserts: [], deletes: ["a"], isReset: false });
    const reset = changesAfter((stream) => {
      stream.reset();
      stream.insert(insert("a", 1, { updateOnly: true }));
    });
    expect(reset).toEqual({ inserts: [], deletes: [], isReset: true });
  });

  it("forget with a reset what came before it, and keep what comes after", () => {
    const changes = changesAfter((stream) => {
      stream.insert(insert("a"));
      stream.delete("b");
      stream.reset();
      stream.insert(insert("c"));
      stream.delete("d");
    });
    expect(changes).toEqual({ inserts: [["c", "c", -1, false]], deletes: [], isReset: true });
  });
});

describe("inserts on an empty page", () => {
  const order = (...inserts: readonly StreamInsert[]): string[] =>
    insertsOnEmptyPage(inserts).map(({ domId, at, limit, updateOnly }) => {
      expect([at, limit, updateOnly]).toEqual([-1, undefined, false]);
      return domId;
    });

  it("are in their order", () => {
    expect(order(insert("a"), insert("b"), insert("c"))).toEqual(["a", "b", "c"]);
  });

  it("are where each was to go, one after the other", () => {
    expect(order(insert("a", 0, { at: 0 }), insert("b", 0, { at: 0 }), insert("c"), insert("d", 0, { at: 1 }))).toEqual(
      ["b", "d", "a", "c"],
    );
    expect(order(insert("a"), insert("b", 0, { at: 9 }))).toEqual(["a", "b"]);
  });

  it("are no more than the limit, from the start or from the end", () => {
    const limited = (limit: number) => ["a", "b", "c"].map((id) => insert(id, 0, { limit }));
    expect(order(...limited(2))).toEqual(["a", "b"]);
    expect(order(...limited(-2))).toEqual(["b", "c"]);
    expect(order(...limited(-5))).toEqual(["a", "b", "c"]);
  });

  it("are no updates, for there is nothing to update", () => {
    expect(order(insert("a", 0, { updateOnly: true }), insert("b"))).toEqual(["b"]);
  });
});
