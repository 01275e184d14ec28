import { Child } from "../rpc.ts";
import type { Sizes } from "../options.ts";
import type { Carrier, GroupCommands, Kind, TransferReport } from "../pubsub/commands.ts";
import type { Goal, OwnScenario, Row } from "./scenario.ts";

const BYTES = 200;
const NODES = [1, 2, 4];
const ALONE: Readonly<Record<Carrier, string>> = {
  redis: "redis alone",
  "broadcast-channel": "BroadcastChannel alone",
  cluster: "process.send alone",
};
const ADAPTER: Readonly<Record<Carrier, string>> = {
  redis: "RedisPubSub",
  "broadcast-channel": "BroadcastChannelPubSub",
  cluster: "ClusterPubSub",
};

interface TransferRow extends Row {
  readonly kind: Kind;
  readonly nodes: number;
}

const rowsOf = (carrier: Carrier): readonly TransferRow[] =>
  NODES.flatMap((nodes) =>
    [true, false].map((isBare) => ({
      name: `${(isBare ? ALONE : ADAPTER)[carrier]} → ${nodes}`,
      kind: { carrier, isBare },
      nodes,
    })),
  );

function transfers(carrier: Carrier): { readonly rate: OwnScenario; readonly latency: OwnScenario } {
  const rows = rowsOf(carrier);
  const goals = (goal: (adapter: string, alone: string) => Goal): readonly Goal[] =>
    NODES.map((nodes) => goal(`${ADAPTER[carrier]} → ${nodes}`, `${ALONE[carrier]} → ${nodes}`));
  const run = async (row: Row, order: { count: number; perSecond: number }): Promise<TransferReport> => {
    const chosen = rows.find(({ name }) => name === row.name);
    if (chosen === undefined) throw new Error(`there is no row ${row.name}`);
    const group = new Child<GroupCommands>(new URL("../.build/pubsub/group.js", import.meta.url).pathname);
    try {
      return await group.call("transfer", { kind: chosen.kind, nodes: chosen.nodes, bytes: BYTES, ...order });
    } finally {
      await group.stop();
    }
  };
  return {
    rate: {
      name: `pubsub-${carrier}`,
      title: `Pub/Sub, ${ALONE[carrier].replace(" alone", "")}: as many as go`,
      what: `One publisher, 1 to 4 listeners, each a process of its own (a thread, for BroadcastChannel), on all cores: messages of ${BYTES}
bytes from the first publication until the last listener has the last one. The bare client sends and reads the same JSON.`,
      rows,
      metrics: [
        { key: "perSecond", label: "messages/s" },
        { key: "deliveriesPerSecond", label: "deliveries/s" },
        { key: "lost", label: "lost" },
        { key: "outOfOrder", label: "out of order" },
      ],
      goals: goals((row, of) => ({ row, of, metric: "perSecond", atLeast: 0.6 })),
      measureAlone: async (row, sizes) => {
        const count = countOf(sizes);
        const { seconds, received, outOfOrder } = await run(row, { count, perSecond: 0 });
        const nodes = Number(row.name.at(-1));
        return {
          perSecond: count / seconds,
          deliveriesPerSecond: received / seconds,
          lost: count * nodes - received,
          outOfOrder,
        };
      },
    },
    latency: {
      name: `pubsub-${carrier}-latency`,
      title: `Pub/Sub, ${ALONE[carrier].replace(" alone", "")}: 1 000 messages a second`,
      what: `The same at 1 000 messages a second: from the publication until a listener has it.`,
      rows,
      metrics: [
        { key: "p50Ms", label: "p50 ms", digits: 2 },
        { key: "p99Ms", label: "p99 ms", digits: 2 },
      ],
      goals: goals((row, of) => ({ row, of, metric: "p99Ms", atMostMore: 2 })),
      measureAlone: async (row, { seconds }) => {
        const { p50Ms, p99Ms } = await run(row, { count: 1_000 * seconds, perSecond: 1_000 });
        return { p50Ms, p99Ms };
      },
    },
  };
}

const countOf = ({ seconds }: Sizes): number => 25_000 * seconds;

export const pubSubTransfers: readonly OwnScenario[] = (["redis", "broadcast-channel", "cluster"] as const).flatMap(
  (carrier) => {
    const { rate, latency } = transfers(carrier);
    return [rate, latency];
  },
);
