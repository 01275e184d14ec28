// What is live at this moment: the nodes of the cluster, and what they have to do.
import { createLiveView, each, html } from "wingbeat";
import { askNodes, nodesTopic, type Node } from "../contexts/nodes.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";
import { timeAgo } from "./times.ts";

const REFRESH_MS = 1_000;
/** A node that has not answered for so long is gone. */
const GONE_MS = 4_000;

type Seen = Node & { readonly seenAt: number };
type Context = Session & { nodes: readonly Seen[]; now: number };

export const about = createLiveView<Context, never, { type: "node"; node: Node } | { type: "ask" }, Session>({
  mount: async (socket, { currentUser }) => {
    socket.pageTitle("About");
    socket.assign({ currentUser, nodes: [], now: Date.now() });
    await socket.subscribe(nodesTopic);
    socket.sendInfoEvery(REFRESH_MS, "ask");
    if (socket.connected) await askNodes();
  },

  handleInfo: (info, socket) => {
    const now = Date.now();
    const { nodes } = socket.context;
    if (info.type === "ask") {
      socket.assign({ nodes: nodes.filter(({ seenAt }) => now - seenAt < GONE_MS), now });
      return askNodes();
    }
    const others = nodes.filter(({ id }) => id !== info.node.id);
    const all = [...others, { ...info.node, seenAt: now }];
    socket.assign({ nodes: all.toSorted((left, right) => (left.id < right.id ? -1 : 1)) });
  },

  render: ({ currentUser: user, nodes, now }, { flash, csrfToken }) => {
    const sum = (of: (node: Node) => number): number => nodes.reduce((total, node) => total + of(node), 0);
    return shell(
      { user, here: "/about", flash, csrfToken },
      html`
        <h1>What is live</h1>
        <p>Snippetbox is an example of Wingbeat: the server renders each page, keeps its state, and sends what changes.
          Open it twice, side by side. These are its figures at this moment, of all nodes.</p>
        <div class="figures">
          ${figure("Nodes", nodes.length)} ${figure(
            "Connections",
            sum(({ connections }) => connections),
          )}
          ${figure(
            "Views",
            sum(({ views }) => views),
          )} ${figure(
            "Topics",
            sum(({ topics }) => topics),
          )}
          ${figure(
            "Messages a second",
            sum(({ messagesPerSecond }) => messagesPerSecond),
          )}
        </div>
        <div class="sideways" role="region" aria-label="Each node" tabindex="0"><table>
          <thead><tr><th>Node</th><th>Started</th><th>Connections</th><th>Views</th><th>Topics</th><th>Messages/s</th><th>Pub/Sub</th></tr></thead>
          <tbody>${each(
            nodes,
            ({ id }) => id,
            (node) => html`<tr><td>${node.host} ${node.pid}</td><td>${timeAgo(node.startedAt, now)}</td>
              <td>${node.connections}</td><td>${node.views}</td><td>${node.topics}</td>
              <td>${node.messagesPerSecond}</td><td>${node.pubSub}</td></tr>`,
          )}</tbody></table></div>`,
    );
  },
});

const figure = (name: string, value: number) => html`
  <section class="figure" aria-label="${name}"><h2>${name}</h2><p><strong>${value}</strong></p></section>`;
