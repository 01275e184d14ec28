import { events100, events64 } from "./events.ts";
import { fanOutBurst, fanOutBurstChat, fanOutBurstMany } from "./fan-out-burst.ts";
import { fanOutPaced } from "./fan-out-paced.ts";
import { fanOut, fanOutChat, fanOutStream, fanOutUnshared } from "./fan-out.ts";
import { join } from "./join.ts";
import { memory } from "./memory.ts";
import { pages } from "./pages.ts";
import { presences } from "./presence.ts";
import { pubSubNodes, pubSubTopics } from "./pubsub-views.ts";
import { pubSubTransfers } from "./pubsub.ts";
import type { Scenario } from "./scenario.ts";
import { slowReader } from "./slow-reader.ts";
import { snippetbox } from "./snippetbox.ts";
import { streamMemory } from "./stream-memory.ts";
import { components, table } from "./table.ts";
import { upload } from "./upload.ts";
import { viewTest } from "./view-test.ts";

/** In the order in which they run and are reported. A new one is a file here and a line below. */
export const scenarios: readonly Scenario[] = [
  fanOutPaced,
  fanOut,
  fanOutUnshared,
  fanOutChat,
  fanOutStream,
  fanOutBurst,
  fanOutBurstMany,
  fanOutBurstChat,
  events100,
  events64,
  table,
  components,
  join,
  pages,
  memory,
  streamMemory,
  slowReader,
  upload,
  viewTest,
  ...pubSubTransfers,
  pubSubNodes,
  pubSubTopics,
  ...presences,
  snippetbox,
];
