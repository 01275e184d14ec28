import { defineConfig } from "vitest/config";

/**
 * `wingbeat` resolves to src/, as it does for the examples; the other names are Vite's own for a server
 * (its documentation, `ssr.resolve.conditions`), which a list of ours would replace.
 */
const conditions = ["wingbeat-source", "module", "node", "development|production"];

/** The browser client's own merge code. Its package does not export it; the tests of our diffs apply them to it. */
const clientRendered = new URL(
  "node_modules/phoenix_live_view/assets/js/phoenix_live_view/rendered.js",
  import.meta.url,
).pathname;

export default defineConfig({
  resolve: { conditions, alias: { "phoenix_live_view/rendered": clientRendered } },
  ssr: { resolve: { conditions } },
  test: {
    // A failure that was seen once, elsewhere, must say what differed; vitest's default cuts both sides at 40 characters.
    chaiConfig: { truncateThreshold: 1500 },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "scripts/**/*.test.mjs"],
          // One module graph for all files of a worker: with one for each, most of the time goes into loading.
          isolate: false,
          maxWorkers: 2,
          // Properties take a second or so each, and several times that on a busy machine. A poll has one by default.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 30_000,
          server: { deps: { inline: [/phoenix_live_view/] } },
        },
      },
      {
        extends: true,
        test: {
          name: "types",
          include: ["test/types/**/*.test.ts"],
          testTimeout: 120_000,
        },
      },
      {
        // Works on the built package.
        extends: true,
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: ["scripts/set-up/built-package.mjs"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        // Starts servers in processes of their own, measures memory.
        extends: true,
        test: {
          name: "process",
          include: ["test/process/**/*.test.ts", "test/kit/**/*.test.ts"],
          globalSetup: ["scripts/set-up/redis-tests.mjs"],
          execArgv: ["--expose-gc"],
          // They wait more than they work; what a process holds is counted in that process alone.
          maxWorkers: 2,
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Breaks what lies between real processes, and audits what they sent and got.
        extends: true,
        test: {
          name: "faults",
          include: ["test/chaos/**/*.test.ts"],
          globalSetup: ["scripts/set-up/redis-tests.mjs"],
          // They wait for faults to take effect, and for what must come after them.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          globalSetup: ["scripts/set-up/browser-tests.mjs", "scripts/set-up/redis-tests.mjs"],
          // One module graph for all files of a worker, as for the unit tests.
          isolate: false,
          // Each test waits more than it works, for a fault to take effect or for a browser's next frame.
          maxWorkers: 3,
          // A second, the default, is not long for a browser on a busy machine: there, four seconds become thirty.
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      {
        // What takes minutes: `npm run test:all` only.
        extends: true,
        test: {
          name: "long",
          include: ["test/long/**/*.test.ts"],
          globalSetup: [
            "scripts/set-up/browser-tests.mjs",
            "scripts/set-up/redis-tests.mjs",
            "scripts/set-up/postgres-tests.mjs",
          ],
          server: { deps: { inline: [/phoenix_live_view/] } },
          execArgv: ["--expose-gc"],
          maxWorkers: 1,
          fileParallelism: false,
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
