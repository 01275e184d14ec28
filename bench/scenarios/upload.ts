import { Child } from "../rpc.ts";
import { CHUNK_BYTES, type Kind, type UploadLoadCommands, type UploadServerCommands } from "../uploads/commands.ts";
import type { OwnScenario, Row } from "./scenario.ts";

const BYTES_PER_CLIENT = 1_000_000;
const WARM_UP_BYTES = 16_000_000;

interface UploadRow extends Row {
  readonly kind: Kind;
}
const rows: readonly UploadRow[] = [
  { name: "HTTP PUT", kind: "HTTP PUT" },
  { name: "bare ws", kind: "bare ws" },
  { name: "wingbeat", kind: "wingbeat" },
];

export const upload: OwnScenario = {
  name: "upload",
  title: "A file of 1 GB",
  what: `One client sends 1 GB to a server that writes it to the disk, after 16 MB to warm up. "HTTP PUT" is one request, piped into the
file; "bare ws" and Wingbeat get messages of ${CHUNK_BYTES} bytes, each after the answer to the last, as the browser's client sends them.
"RSS grown": by how much the server's process was larger at most than at the start.`,
  rows,
  metrics: [
    { key: "megabytesPerSecond", label: "MB/s" },
    { key: "grownMib", label: "RSS grown, MiB", digits: 1 },
    { key: "cpuSeconds", label: "server's CPU, s", digits: 2 },
  ],
  goals: [
    { row: "wingbeat", of: "bare ws", metric: "megabytesPerSecond", atLeast: 0.6 },
    { row: "wingbeat", metric: "grownMib", atMost: 64 },
  ],
  async measureAlone(row, { clients }) {
    const chosen = rows.find(({ name }) => name === row.name);
    if (chosen === undefined) throw new Error(`there is no row ${row.name}`);
    const { kind } = chosen;
    const server = new Child<UploadServerCommands>(new URL("../.build/uploads/server.js", import.meta.url).pathname, 0);
    const load = new Child<UploadLoadCommands>(new URL("../.build/uploads/load.js", import.meta.url).pathname, 1);
    try {
      const { port } = await server.call("listen", { kind });
      await load.call("send", { kind, port, bytes: WARM_UP_BYTES });
      await server.call("watch", null);
      const bytes = clients * BYTES_PER_CLIENT;
      const { seconds } = await load.call("send", { kind, port, bytes });
      const { grownBytes, cpuSeconds } = await server.call("seen", null);
      return { megabytesPerSecond: bytes / 1e6 / seconds, grownMib: grownBytes / 2 ** 20, cpuSeconds };
    } finally {
      await Promise.all([server.stop(), load.stop()]);
    }
  },
};
