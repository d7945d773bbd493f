// What is being typed into a field when the page is loaded anew has not reached the kernel yet: it does once the field is left. Until then this
// tab of the browser keeps it, and types it again.

const PATIENCE_MS = 20_000;
const CONTROLS = "input:not([type=checkbox], [type=file]), textarea";

// A field by its place in the form; in a list there are several of the same kind.
function placeOf(form, control) {
  const kind = [...(control.closest(".rb-field")?.classList ?? [])].find((name) => name.startsWith("rb-at-")) ?? "";
  const alike = [...form.querySelectorAll(CONTROLS)].filter((other) => other.closest(`.${kind || "rb-field"}`));
  return `${kind} ${alike.indexOf(control)}`;
}

function render({ model, el }) {
  el.style.display = "none";
  const key = `inboundRunbookTyping ${model.get("about")}`;
  let form;
  let before;
  let frame;
  const forget = () => sessionStorage.removeItem(key);
  const enter = ({ target }) => {
    before = target.value;
  };
  const type = ({ target }) => {
    if (target.matches(CONTROLS)) sessionStorage.setItem(key, JSON.stringify([placeOf(form, target), before, target.value]));
  };
  // Only into a field that is as it was: what somebody else has put there since counts.
  const again = (end) => {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
    if (!kept) return;
    const [place, was, typed] = kept;
    const control = [...form.querySelectorAll(CONTROLS)].find((one) => placeOf(form, one) === place);
    if (control?.value === was && !form.contains(document.activeElement)) {
      forget();
      control.value = typed;
      control.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (Date.now() < end) frame = requestAnimationFrame(() => again(end));
    else forget();
  };
  const begin = () => {
    form = el.closest(".rb-form");
    if (!form) return void (frame = requestAnimationFrame(begin));
    form.addEventListener("focusin", enter);
    form.addEventListener("input", type);
    form.addEventListener("change", forget);
    again(Date.now() + PATIENCE_MS);
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    form?.removeEventListener("focusin", enter);
    form?.removeEventListener("input", type);
    form?.removeEventListener("change", forget);
  };
}

export default { render };
