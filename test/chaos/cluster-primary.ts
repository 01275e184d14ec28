// The primary of a cluster whose workers are nodes of a fault run: one for each of NAMES, and one for each name that
// comes in as a message.

import cluster from "node:cluster";
import { fileURLToPath } from "node:url";
import { ClusterPubSub } from "../../src/pubsub/cluster-pubsub.ts";

cluster.setupPrimary({ exec: fileURLToPath(new URL("node.ts", import.meta.url)) });
// It relays from now on.
new ClusterPubSub();
const start = (name: string): void => void cluster.fork({ NODE_NAME: name, BUS: "cluster" });
for (const name of (process.env["NAMES"] ?? "").split(",")) if (name !== "") start(name);
process.on("message", (name) => start(String(name)));
