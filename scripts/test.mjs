// npm test: everything that must hold before a change is shared, in the order in which it fails soonest.
// npm run test:all adds what takes minutes (test/long/).
//
// The last line is `N passed, N failed`, summed over the vitest runs.
//
// With CI=true a test that fails runs once more, by itself. One that passes then is printed as flaky, with how it failed: it is
// a defect to be mended, and no reason to refuse a change that has nothing to do with it.

import { existsSync, rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runMain, say } from "./set-up/advice.mjs";
import { chromiumPath } from "./set-up/chromium.mjs";
import { run, stopAll, stopWithSignals } from "./set-up/command.mjs";
import { installDependencies, ROOT } from "./set-up/dependencies.mjs";
import { redisServerPath } from "./set-up/redis.mjs";

/**
 * A stage is a program of node_modules, or a vitest project.
 * @typedef {{ name: string, command: readonly [bin: string, ...args: string[]] } | { name: string, project: string }} Stage
 * @typedef {{ passed: number, failed: number, failures: string[], failedFiles: string[], skipped: string[], flaky: string[] }} Count
 * @typedef {{ name: string, code: number, seconds: number } & Count} Result
 */

/**
 * The stages of one group run side by side and print when they are done; the groups run one after the other. What
 * measures time or memory, or drives a browser, has the machine to itself.
 *
 * @type {Stage[][]}
 */
const GROUPS = [
  [
    { name: "type check", command: ["typescript/bin/tsc", "--noEmit"] },
    { name: "type check of scripts", command: ["typescript/bin/tsc", "-p", "scripts"] },
    {
      name: "lint",
      command: ["oxlint/bin/oxlint", "--type-aware", "--deny-warnings", "--ignore-pattern=bench/**"],
    },
    // Without types, because npm run bench alone installs what it compares with; it checks its own types.
    { name: "lint of bench", command: ["oxlint/bin/oxlint", "--deny-warnings", "bench"] },
    { name: "format", command: ["oxfmt/bin/oxfmt", "--check"] },
  ],
  [{ name: "unit", project: "unit" }],
  [
    { name: "types", project: "types" },
    { name: "package", project: "package" },
    // Waits about as long as it works, and its bounds hold on machines that are much slower.
    { name: "faults", project: "faults" },
  ],
  [{ name: "process", project: "process" }],
  [{ name: "browser", project: "browser" }],
];

/** How much of a failure's message and stack the summary repeats. */
const FAILURE_CHARACTERS = 2000;

/** Failures in more files than these, in one stage, are no accident. */
const FLAKY_FILES = 2;

/** What `test:all` adds. @type {Stage} */
const LONG = { name: "long", project: "long" };

await runMain(async () => {
  stopWithSignals();
  await installDependencies();
  const chromium = await chromiumPath();
  const redis = await redisServerPath();
  say(`Chromium: ${chromium}`);
  say(`Redis: ${redis}`);
  const env = { ...process.env, CHROMIUM_PATH: chromium, REDIS_SERVER_PATH: redis };
  // Somebody's own, which the examples would use if they saw it.
  Reflect.deleteProperty(env, "REDIS_URL");

  const isAll = process.argv.includes("--all");
  const reports = await mkdtemp(path.join(tmpdir(), "wingbeat-test-"));
  process.once("exit", () => rmSync(reports, { recursive: true, force: true })); // also when a signal ends us
  /** @type {Result[]} */
  const results = [];
  for (const group of isAll ? [...GROUPS, [LONG]] : GROUPS) {
    results.push(...(await runGroup(group, env, reports)));
    if (results.some(({ code }) => code !== 0)) break;
  }
  printSummary(results, isAll);
  process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1;
});

/**
 * @param {Stage[]} group
 * @param {NodeJS.ProcessEnv} env
 * @param {string} reports
 * @returns {Promise<Result[]>}
 */
async function runGroup(group, env, reports) {
  const quiet = group.length > 1;
  /** @type {Result[]} */
  const finished = [];
  let hasFailed = false;
  await Promise.all(
    group.map(async (stage) => {
      const start = performance.now();
      if (!quiet) console.log(`\n── ${stage.name}`);
      const report = path.join(reports, `${stage.name}.json`);
      const { code: firstCode, output } = await run(process.execPath, argumentsOf(stage, report), {
        cwd: ROOT,
        env,
        quiet,
      });
      // The first failure stops its neighbours; what they print about being stopped says nothing.
      if (hasFailed) return;
      if (quiet) console.log(`\n── ${stage.name}\n${output.trimEnd()}`);
      const first = await countTests(stage, report, firstCode);
      const { code, ...count } = await lookAgain(stage, { code: firstCode, ...first }, env, report);
      const seconds = (performance.now() - start) / 1000;
      finished.push({ name: stage.name, code, seconds, ...count });
      if (code === 0) return;
      hasFailed = true;
      await stopAll();
    }),
  );
  return finished;
}

/**
 * On CI: runs the files of the tests that have failed once more, alone.
 *
 * @param {Stage} stage
 * @param {{ code: number } & Count} first
 * @param {NodeJS.ProcessEnv} env
 * @param {string} report
 * @returns {Promise<{ code: number } & Count>} `first`, or what it would have been without the tests that pass this time
 */
async function lookAgain(stage, first, env, report) {
  const { code, passed, failed, failures, failedFiles } = first;
  const mayBeFlaky = failedFiles.length > 0 && failedFiles.length <= FLAKY_FILES;
  if (code === 0 || env["CI"] === undefined || !mayBeFlaky) return first;
  console.log(`\n── ${stage.name}, once more: what has failed`);
  const again = await run(process.execPath, [...argumentsOf(stage, `${report}.again`), ...failedFiles], {
    cwd: ROOT,
    env,
  });
  if (again.code !== 0) return first;
  return { ...first, code: 0, passed: passed + failed, failed: 0, failures: [], flaky: failures };
}

/**
 * @param {Stage} stage
 * @param {string} report
 */
function argumentsOf(stage, report) {
  if ("command" in stage) {
    const [bin, ...args] = stage.command;
    return [path.join(ROOT, "node_modules", bin), ...args];
  }
  const vitest = path.join(ROOT, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // A forgotten `.only` would hide the other tests.
  const args = [vitest, "run", "--project", stage.project, "--allowOnly=false", ...reporters];
  // A project without tests is a mistake, but for the one that may be empty.
  return stage === LONG ? [...args, "--passWithNoTests"] : args;
}

/**
 * @param {Stage} stage
 * @param {string} report
 * @param {number} code
 * @returns {Promise<Count>}
 */
async function countTests(stage, report, code) {
  // A stage can fail without a failing test: a type error, a test file that does not load. It counts as one failure.
  const failedOtherwise = code === 0 ? 0 : 1;
  if ("command" in stage || !existsSync(report)) {
    return { passed: 0, failed: failedOtherwise, failures: [], failedFiles: [], skipped: [], flaky: [] };
  }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(await readFile(report, "utf8"));
  /** @typedef {{ fullName: string, status: string, failureMessages: string[] }} Assertion */
  const files = /** @type {{ name: string, status: string, message: string, assertionResults: Assertion[] }[]} */ (
    testResults
  );
  const tests = files.flatMap((file) => file.assertionResults);
  const failures = [
    ...files
      .filter((file) => file.status === "failed" && file.message)
      .map((file) => `${path.relative(ROOT, file.name)}: ${file.message}`),
    ...tests
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${fullName}\n${failureMessages.join("\n")}`),
  ];
  const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
  return {
    passed: numPassedTests,
    failed: Math.max(numFailedTests, failedOtherwise),
    failures,
    failedFiles: files.filter(({ status }) => status === "failed").map(({ name }) => name),
    flaky: [],
    skipped: skipped.map(({ fullName, status }) => `${fullName} (${status})`),
  };
}

/**
 * @param {Result[]} results
 * @param {boolean} isAll
 */
function printSummary(results, isAll) {
  console.log("\n── summary");
  for (const { name, code, seconds, passed, failed } of results) {
    const tests = passed + failed > 0 ? `  ${passed} passed, ${failed} failed` : "";
    console.log(`${code === 0 ? "ok    " : "FAILED"}  ${name.padEnd(22)} ${seconds.toFixed(1).padStart(6)} s${tests}`);
  }
  for (const test of results.flatMap(({ skipped }) => skipped)) console.log(`skipped: ${test}`);
  for (const failure of results.flatMap(({ flaky }) => flaky)) {
    console.log(`\nflaky: failed, and passed once more: ${failure.slice(0, FAILURE_CHARACTERS)}\n`);
  }
  // Once more at the end, where a log that was cut still has them.
  for (const failure of results.flatMap(({ failures }) => failures)) {
    console.log(`\nfailed: ${failure.slice(0, FAILURE_CHARACTERS)}\n`);
  }
  if (!isAll) console.log("not run: test/long/, which takes minutes (npm run test:all)");
  const sum = (/** @type {"passed" | "failed"} */ key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
}
