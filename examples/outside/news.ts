// A page that shows what others publish, and the topic that they publish on. Whoever they are: see the files beside.
import { createLiveView, each, html, reduce, topic } from "wingbeat";
import { z } from "zod";

/** What comes from other programs is checked by this before any view gets it; what does not fit is counted and dropped. */
const schema = z.object({ type: z.literal("news"), id: z.string().max(100), text: z.string().max(500) });
export type News = z.infer<typeof schema>;
export const news = topic("news", { schema });

const none: readonly News[] = [];
const append = (list: readonly News[], item: News): readonly News[] => [...list, item].slice(-20);

export const newsLiveView = createLiveView({
  initial: { list: none },
  infos: [news],
  mount: (socket) => socket.subscribe(news),
  handleInfo: (item, socket) => socket.assign({ list: reduce(socket.context.list, item, append) }),
  render: ({ list }) => html`
    <h1>News</h1>
    <ul role="log">
      ${each(
        list,
        ({ id }) => id,
        ({ text }) => html`<li>${text}</li>`,
      )}
    </ul>`,
});
