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

// Enter in what somebody confirms does what the button beside it does. Leaving the field first hands over what was typed.
function confirm(event) {
  const row = event.key === "Enter" && !event.isComposing && event.target.matches("input") && event.target.closest(".rb-confirm-row");
  if (!row) return;
  event.preventDefault();
  event.target.blur();
  row.querySelector("button").click();
}

function render({ el }) {
  el.style.display = "none";
  const watcher = new MutationObserver(() => tie(around));
  let frame;
  let around;
  const begin = () => {
    around = el.parentElement;
    if (!around) return void (frame = requestAnimationFrame(begin));
    around.addEventListener("keydown", confirm, true); // a field keeps its keys to itself
    watcher.observe(around, { childList: true, subtree: true, attributeFilter: ["class"] }); // classes come late
    tie(around);
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    watcher.disconnect();
    around?.removeEventListener("keydown", confirm, true);
  };
}

export default { render };
