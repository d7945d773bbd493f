// A live region: what goes on, said to screen readers too, and a bar where it is known how far it is.

function render({ model, el }) {
  const text = document.createElement("span");
  text.setAttribute("role", "status");
  text.setAttribute("aria-live", "polite");
  const bar = document.createElement("progress");
  el.classList.add("rb-status");
  el.append(bar, text);
  const draw = () => {
    const { done, total, label } = model.get("progress");
    const active = document.activeElement;
    const row = el.closest(".rb-controls");
    // The button that stops is about to go: the focus goes back to the one that starts.
    if (!total && !bar.hidden && active?.classList.contains("rb-stop") && row?.contains(active)) row.querySelector("button").focus();
    bar.hidden = !total;
    if (total) {
      bar.max = total;
      bar.value = done;
      bar.setAttribute("aria-label", label);
    }
    text.setAttribute("aria-live", total ? "off" : "polite"); // every step of the way read out would drown the rest
    const tone = model.get("tone");
    el.dataset.tone = tone;
    if (text.textContent !== model.get("text")) text.textContent = model.get("text");
  };
  draw();
  model.on("change", draw);
  return () => model.off("change", draw);
}

export default { render };
