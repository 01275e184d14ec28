// One of several server processes with the examples, at the Redis of REDIS_URL.

import { serve } from "wingbeat/serve";
import { createExamples } from "../../examples/app.ts";
import { pubSub } from "../../examples/pubsub.ts";

await serve(
  createExamples({
    pubSub,
    // Development would load the page anew when its server was.
    development: false,
    secret: "the same for both, only for tests 0123456789",
    origins: [`http://127.0.0.1:${process.env["PORT"]}`],
  }),
);
process.send?.("listening");
