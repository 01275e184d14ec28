// npm start: serves the examples on HOST and PORT, until SIGINT or SIGTERM.
import { randomBytes } from "node:crypto";
import { serve } from "wingbeat/serve";
import { createExamples } from "./app.ts";

const { HOST = "127.0.0.1", PORT = "4000", NODE_ENV, ORIGINS, WINGBEAT_SECRET } = process.env;

// In production an app has to be given its secret and its origins. These examples make do without: a secret for as long
// as the process lives, and the addresses of this machine.
const production = NODE_ENV === "production";
const here = [HOST, "localhost", "127.0.0.1"].map((host) => `http://${host}:${PORT}`);
const app = createExamples({
  secret: WINGBEAT_SECRET ?? (production ? randomBytes(32).toString("base64url") : undefined),
  origins: ORIGINS?.split(",") ?? (production ? here : undefined),
});

const server = await serve(app);
console.log(`Wingbeat examples: ${server.url}`);
