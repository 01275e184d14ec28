import { chromiumPath } from "./chromium.mjs";

/** Runs before vitest's browser project: its tests find the browser in CHROMIUM_PATH. */
export default async function setUp() {
  process.env["CHROMIUM_PATH"] = await chromiumPath();
}
