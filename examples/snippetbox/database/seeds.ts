// The snippets of the first day.
export type Seed = {
  readonly owner: string;
  readonly title: string;
  readonly language: string;
  readonly content: string;
};

export const seeds: readonly Seed[] = [
  {
    owner: "Grace",
    title: "Where did the disk go?",
    language: "bash",
    content: "# The twenty largest folders here, the largest last.\ndu -h --max-depth=1 . | sort -h | tail -20\n",
  },
  {
    owner: "Ada",
    title: "Group by, in one line",
    language: "typescript",
    content: `const byLanguage = Map.groupBy(snippets, (snippet) => snippet.language);

for (const [language, group] of byLanguage) {
  console.log(language, group.length);
}
`,
  },
  {
    owner: "Barbara",
    title: "The latest row of each group",
    language: "sql",
    content: `select distinct on (room) room, text, created_at
from messages
order by room, created_at desc;
`,
  },
  {
    owner: "Grace",
    title: "Retry with backoff",
    language: "python",
    content: `import random, time

def retry(work, attempts=5):
    for attempt in range(attempts):
        try:
            return work()
        except OSError:
            if attempt == attempts - 1:
                raise
            time.sleep(random.random() * 2 ** attempt / 10)
`,
  },
  {
    owner: "Ada",
    title: "A counter that everybody shares",
    language: "typescript",
    content: `const counter = createLiveView<{ count: number }, { type: "add" }, { type: "counted"; count: number }>({
  mount: async (socket) => {
    await socket.subscribe("counter");
    socket.assign({ count });
  },
  handleEvent: (_add, socket) => socket.broadcast("counter", { type: "counted", count: ++count }),
  handleInfo: (info, socket) => socket.assign({ count: info.count }),
  render: ({ count }) => html\`<button phx-click="add">\${count}</button>\`,
});
`,
  },
  {
    owner: "Barbara",
    title: "Supervise a worker",
    language: "elixir",
    content: `children = [
  {Task.Supervisor, name: Box.Tasks},
  {Box.Worker, interval: :timer.seconds(5)}
]

Supervisor.start_link(children, strategy: :one_for_one)
`,
  },
  {
    owner: "Grace",
    title: "Cards without media queries",
    language: "css",
    content: `.cards {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr));
  gap: 1rem;
}
`,
  },
  {
    owner: "Ada",
    title: "Drop in reverse",
    language: "rust",
    content: `struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("dropping {}", self.0);
    }
}

fn main() {
    let _first = Noisy("first");
    let _second = Noisy("second"); // dropped first
}
`,
  },
];
