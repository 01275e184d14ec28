/** `createLiveApp`'s type, while `wingbeat` does not export the function yet. */
import type { CreateLiveApp } from "wingbeat";

declare module "wingbeat" {
  export const createLiveApp: CreateLiveApp;
}
