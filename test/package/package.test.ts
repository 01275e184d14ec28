import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshProject, pack, ROOT, temporaryDirectory, type FreshProject, type Packed } from "./packed.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let elsewhere: Awaited<ReturnType<typeof temporaryDirectory>>;
let manifest: Manifest;
let packed: Packed;
let project: FreshProject;

beforeAll(async () => {
  directory = await temporaryDirectory();
  elsewhere = await temporaryDirectory();
  manifest = JSON.parse(await readFile(path.join(ROOT, "package.json"), "utf8")) as Manifest; // ours
  packed = await pack(elsewhere.path);
  project = await freshProject(directory.path, [packed.tarball]);
});

afterAll(async () => {
  await directory.remove();
  await elsewhere.remove();
});

describe("the packed package", () => {
  it("holds the build, its sources, and what npm always adds", () => {
    const others = packed.files.filter((file) => !file.startsWith("dist/") && !file.startsWith("src/"));
    const known = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    expect(others.filter((file) => !known.includes(file))).toEqual([]);
    expect(packed.files).toContain("LICENSE");
  });

  it("holds no tests, no snapshots, no examples and no benchmarks", () => {
    const unwanted = /\.test(-d)?\.|__snapshots__|^(test|examples|bench|scripts|docs)\//;
    expect(packed.files.filter((file) => unwanted.test(file))).toEqual([]);
  });

  it("holds for each source file its module, its declarations and their maps, and nothing else in dist/", () => {
    const sources = packed.files.filter((file) => file.startsWith("src/"));
    const built = sources.flatMap((file) => {
      const stem = file.replace(/^src\//, "dist/").replace(/\.ts$/, "");
      return [`${stem}.d.ts`, `${stem}.d.ts.map`, `${stem}.js`, `${stem}.js.map`];
    });
    expect(packed.files.filter((file) => file.startsWith("dist/"))).toEqual(built.toSorted());
  });
});

describe("the exports map", () => {
  it("names these entries", () => {
    expect(Object.keys(manifest.exports)).toEqual([
      ".",
      "./serve",
      "./pubsub/broadcast-channel",
      "./pubsub/cluster",
      "./pubsub/redis",
      "./testing",
      "./package.json",
    ]);
  });

  it("leads only to files that are packed", () => {
    const targets = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === "string" ? [entry] : Object.values(entry),
    );
    expect(targets.filter((target) => !packed.files.includes(target.replace("./", "")))).toEqual([]);
  });

  it.each([".", "./serve", "./pubsub/broadcast-channel", "./pubsub/cluster", "./pubsub/redis"])(
    "gives under %s the source, declarations and module of one and the same file",
    (name) => {
      const entry = Object.entries(manifest.exports[name] ?? {});
      const stem = String(entry[0]?.[1]).replace("./src/", "./dist/").replace(/\.ts$/, "");
      // In this order: the first condition that applies wins, and TypeScript must meet `types` before `default`.
      expect(entry).toEqual([
        ["wingbeat-source", expect.stringMatching(/^\.\/src\/.+\.ts$/)],
        ["types", `${stem}.d.ts`],
        ["default", `${stem}.js`],
      ]);
    },
  );

  it("keeps everything else out of reach", async () => {
    await project.write(
      "inside.js",
      `await import("wingbeat/dist/index.js").catch((error) => console.log(error.code));`,
    );
    expect(await project.run(process.execPath, ["inside.js"])).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });
});

describe("a fresh project", () => {
  it("serves a live page from plain JavaScript", async () => {
    await project.write("app.js", SERVED_PAGE);
    const output = await project.run(process.execPath, ["app.js"]);
    expect(output).toContain("200 text/html");
    expect(output).toContain("<h1>Count is: 42 &lt;b&gt;</h1>");
    expect(output).toContain("closed");
  });

  it("can import the package without effect: no global is named or replaced, nothing keeps the process alive", async () => {
    // Libraries of ours keep copies of their own under symbols, which nobody meets.
    await project.write(
      "effects.js",
      `const globals = () => new Map(Object.getOwnPropertyNames(globalThis).map((name) => [name, globalThis[name]]));
const before = globals();
const { createLiveApp } = await import("wingbeat");
await import("wingbeat/serve");
const changed = [...globals()].filter(([name, value]) => !Object.is(before.get(name), value));
console.log(typeof createLiveApp, changed.map(([name]) => name));`,
    );
    expect(await project.run(process.execPath, ["effects.js"])).toBe("function []\n");
  });

  it("is told by RedisPubSub what to install", async () => {
    await project.write("redis.js", WITHOUT_REDIS);
    const output = await project.run(process.execPath, ["redis.js"]);
    expect(output).toMatch(/reported pubsub\.package: [^]*npm install redis@6/);
    expect(output).toMatch(/refused pubsub\.subscribe-refused: [^]*npm install redis@6/);
  });

  it("type-checks a program against our declarations alone, under strict, with every library checked", async () => {
    await project.write("program.ts", TYPED_PROGRAM);
    await project.write("tsconfig.json", JSON.stringify(STRICT));
    expect(await project.run(process.execPath, [TSC, "-p", "."])).toBe("");
  });

  it("is told by the type checker that an assigned key is misspelt", async () => {
    await project.write("program.ts", TYPED_PROGRAM.replace("assign({ count: 0 })", "assign({ cuont: 0 })"));
    await project.write("tsconfig.json", JSON.stringify(STRICT));
    await expect(project.run(process.execPath, [TSC, "-p", "."])).rejects.toThrow("cuont");
  });
});

describe("the lock file", () => {
  it("names no registry host, so that everybody's own registry is asked", async () => {
    const lock = await readFile(path.join(ROOT, "package-lock.json"), "utf8");
    expect(lock).not.toContain('"resolved": "http');
  });

  it("knows the native parts of every platform, without which npm ci refuses it elsewhere", async () => {
    const lock = JSON.parse(await readFile(path.join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>; // npm's documented shape
    };
    const wanted = Object.values(lock.packages).flatMap((locked) => Object.keys(locked.optionalDependencies ?? {}));
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter((name) => lock.packages[`node_modules/${name}`] === undefined)).toEqual([]);
  });
});

const TSC = path.join(ROOT, "node_modules/typescript/bin/tsc");

const STRICT = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"],
    types: [],
    skipLibCheck: false,
    noEmit: true,
  },
  files: ["program.ts"],
};

const SERVED_PAGE = `
import { createLiveApp, createLiveView, html } from "wingbeat";
import { serve } from "wingbeat/serve";

const counter = createLiveView({
  mount: (socket) => socket.assign({ count: "42 <b>" }),
  render: ({ count }) => html\`<h1>Count is: \${count}</h1>\`,
});

const app = createLiveApp({ secret: "0123456789abcdef0123456789abcdef", routes: { "/": counter } });
const server = await serve(app, { port: 0, hostname: "127.0.0.1" });
const response = await fetch(server.url);
console.log(response.status, response.headers.get("content-type"));
console.log(await response.text());
await server.close();
console.log("closed");
`;

/** A folder above the project may have a `redis` of somebody else's, which would be found: so the search is ended here. */
const WITHOUT_REDIS = `
import { register } from "node:module";
const resolve = (specifier, context, next) => {
  if (specifier === "redis") throw new Error("Cannot find package 'redis'");
  return next(specifier, context);
};
register("data:text/javascript," + encodeURIComponent("export const resolve = " + resolve));
const { RedisPubSub } = await import("wingbeat/pubsub/redis");

const pubSub = new RedisPubSub({
  url: "redis://127.0.0.1:1",
  onError: ({ code, message }) => console.log("reported " + code + ": " + message),
});
await pubSub.subscribe("room", () => {}).catch(({ code, message }) => console.log("refused " + code + ": " + message));
await pubSub.close();
`;

const TYPED_PROGRAM = `
import { createLiveApp, createLiveView, html } from "wingbeat";
import { serve } from "wingbeat/serve";

type Click = { type: "click" };

const counter = createLiveView<{ count: number }, Click>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (_click, socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }) => html\`<button phx-click="click">Clicked \${count} times</button>\`,
});

const server = await serve(createLiveApp({ routes: { "/": counter } }), { port: 0, hostname: "127.0.0.1" });
export const url: string = server.url;
await server.close();
`;
