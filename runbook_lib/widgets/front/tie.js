// Ties every control around it to the words beside it: a screen reader says them with the control, and a pointer that rests on it is shown
// its help. ipywidgets can do neither where a control has a label.

const known = (node) => (node.id ||= `rb-said-${Math.random().toString(36).slice(2)}`);

function tie(around) {
  for (const note of around.querySelectorAll(".rb-note")) {
    const control = note.previousElementSibling?.querySelector("input, select, textarea");
    if (!control) continue;
    const said = [...note.querySelectorAll(".rb-field-error, .rb-remark, .rb-help")];
    control.setAttribute("aria-describedby", said.map(known).join(" "));
    control.setAttribute("aria-invalid", String(said[0]?.matches(".rb-field-error") ?? false));
    control.title = said.at(-1)?.textContent ?? "";
  }
  for (const title of around.querySelectorAll(".rb-confirm-row.widget-vbox > .widget-label")) {
    for (const control of title.parentElement.querySelectorAll("input")) control.setAttribute("aria-describedby", known(title));
  }
}

function render({ el }) {
  el.style.display = "none";
  const watcher = new MutationObserver(() => tie(el.parentElement));
  let frame;
  const begin = () => {
    if (!el.parentElement) return void (frame = requestAnimationFrame(begin));
    watcher.observe(el.parentElement, { childList: true, subtree: true, attributeFilter: ["class"] }); // classes come late
    tie(el.parentElement);
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    watcher.disconnect();
  };
}

export default { render };
