// Loaded before a printed program: on Node 20, tsx reads TypeScript in the main thread only.
import { isMainThread } from "node:worker_threads";
import { register } from "tsx/esm/api";

if (!isMainThread) register();
