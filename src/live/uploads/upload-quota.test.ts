import { describe, expect, it } from "vitest";
import { UploadQuota } from "./upload-quota.ts";

const limits = { uploadsPerConnection: 2, uploadBytesPerConnection: 100, maxUploads: 3, maxUploadBytes: 150 };

describe("UploadQuota", () => {
  it("bounds the files and the bytes of one connection", () => {
    const ada = new UploadQuota(limits).of({});
    expect(ada.reserve(101)).toBeUndefined();
    expect(ada.reserve(60)).toBeDefined();
    expect(ada.reserve(41)).toBeUndefined();
    expect(ada.reserve(40)).toBeDefined();
    expect(ada.reserve(0)).toBeUndefined();
  });

  it("bounds those of all connections together", () => {
    const quota = new UploadQuota(limits);
    const [ada, grace] = [quota.of({}), quota.of({})];
    expect(ada.reserve(100)).toBeDefined();
    expect(grace.reserve(51)).toBeUndefined();
    expect(grace.reserve(25)).toBeDefined();
    expect(grace.reserve(25)).toBeDefined();
    expect(quota.of({}).reserve(0)).toBeUndefined();
    expect(quota.held).toEqual({ uploads: 3, bytes: 150 });
  });

  it("gives room back once, however often it is released", () => {
    const quota = new UploadQuota(limits);
    const visitor = {};
    const first = quota.of(visitor).reserve(100);
    first?.release();
    first?.release();
    expect(quota.held).toEqual({ uploads: 0, bytes: 0 });
    expect(quota.of(visitor).reserve(100)).toBeDefined();
    expect(quota.of(visitor).reserve(1)).toBeUndefined();
  });
});
