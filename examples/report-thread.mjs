// Starts report-work.ts in a thread. tsx does not reach into threads by itself; where Node reads TypeScript, from 22.18 on,
// and in what you have compiled, a thread is started with its own file.
import { register } from "tsx/esm/api";

register();
await import("./report-work.ts");
