import { describe, it } from "vitest";
import { MemoryBackplane, MemoryWire } from "../../test/support/memory-backplane.ts";
import { pubSubContract } from "../testing/pubsub-contract.ts";
import { BackplanePubSub } from "./backplane-pubsub.ts";

describe("BackplanePubSub, on a backplane that takes frames at once", () => {
  const wire = new MemoryWire();
  pubSubContract(
    () => new BackplanePubSub(new MemoryBackplane(wire), { onError: () => {} }),
    { it },
    { counts: (pubSub) => pubSub.counts },
  );
});

describe("BackplanePubSub, on a backplane that acknowledges each frame", () => {
  const wire = new MemoryWire();
  pubSubContract(
    () => new BackplanePubSub(new MemoryBackplane(wire, { acknowledges: true }), { prefix: "app:", onError: () => {} }),
    { it },
    { counts: (pubSub) => pubSub.counts },
  );
});
