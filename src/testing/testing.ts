// What tests of an application import, as `wingbeat/testing`. Each name is a promise; what is not named here can change.

// ── views without a browser ──
export { closePages, visit } from "./visit.ts";
export type { VisitOptions } from "./visit.ts";
export type { Page } from "./page.ts";
export type { PageGap, PageView } from "./page-view.ts";
export type { PageElement, PageHook } from "./page-element.ts";
export type { Fields, FieldValue } from "./fields.ts";
export type { KeyDetails } from "./user.ts";
export type { ExternalEntry, Uploaders } from "./file-uploads.ts";
export type { UserFile } from "./user-files.ts";
export type { LineConditions } from "./line.ts";
export type { Redirect } from "./tab.ts";
export type { WarningOptions } from "./warnings.ts";

// ── contracts for authors of adapters ──
export { pubSubContract } from "./pubsub-contract.ts";
export type { PubSubCase, PubSubContractOptions, PubSubCounts, TestFramework } from "./pubsub-contract.ts";
