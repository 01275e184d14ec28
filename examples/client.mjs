/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call,
   typescript/no-unsafe-member-access, typescript/no-unsafe-return -- the browser's own JavaScript, which has no types */

// The examples' own hooks. The default page loads this module before it connects (the app's `clientModule`).
export const hooks = {
  /** A time where the visitor is. */
  LocalTime: {
    mounted() {
      this.el.textContent = new Date(this.el.dateTime).toLocaleTimeString();
    },
    updated() {
      this.mounted();
    },
  },

  /** A bar for each number in data-counts. The server leaves what is in the element alone: phx-update="ignore". */
  Bars: {
    mounted() {
      const counts = this.el.dataset.counts.split(",").map(Number);
      const most = Math.max(1, ...counts);
      const bars = counts.map((count) => Object.assign(document.createElement("i"), { title: String(count) }));
      bars.forEach((bar, index) => bar.style.setProperty("--part", String(counts[index] / most)));
      this.el.replaceChildren(...bars);
    },
    updated() {
      this.mounted();
    },
  },
};
