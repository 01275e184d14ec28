// The board's own hook, written beside it: drags notes with the mouse, and tells the view what the arrows would tell it.
export const dragHook = `{
  mounted() {
    const closest = (event, selector) => event.target.closest(selector)?.dataset;
    const { el } = this;
    el.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", closest(event, "[data-id]").id));
    el.addEventListener("dragover", (event) => closest(event, "[data-column]") && event.preventDefault());
    el.addEventListener("drop", (event) => {
      const target = closest(event, "[data-column]");
      if (target === undefined) return;
      event.preventDefault();
      this.pushEvent("move", { id: event.dataTransfer.getData("text/plain"), column: target.column });
    });
  },
}`;
