import { SnippetboxServer } from "../support/snippetbox.ts";
import { describeFeatures } from "./snippetbox-features.ts";

describeFeatures(async () => {
  const server = await SnippetboxServer.start();
  return {
    urls: [server.url, server.url],
    databaseUrl: server.databaseFile,
    nodes: 1,
    end: () => server.stop(),
  };
});
