// Files by picker or by drag and drop, sent to the kernel in pieces that fit every websocket.

const PIECE = 512 * 1024;

// One file after the other, however many are dropped at once.
let sending = Promise.resolve();
const send = (model, files) => {
  sending = sending.then(() => sendAll(model, files)).catch(() => {});
  return sending;
};

async function sendAll(model, files) {
  for (const file of files) {
    const id = `${Date.now()}-${Math.random()}`;
    if (file.size > model.get("largest")) {
      model.send({ kind: "too_large", id, name: file.name, size: file.size });
      continue;
    }
    const pieces = Math.max(1, Math.ceil(file.size / PIECE));
    for (let index = 0; index < pieces; index += 1) {
      const bytes = await file.slice(index * PIECE, (index + 1) * PIECE).arrayBuffer();
      model.send({ kind: "piece", id, name: file.name, index, pieces }, undefined, [bytes]);
    }
  }
}

function render({ model, el }) {
  const zone = document.createElement("label");
  zone.className = "rb-drop";
  const text = document.createElement("span");
  text.textContent = model.get("label");
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  zone.append(text, input);
  el.append(zone);
  input.addEventListener("change", () => {
    send(model, [...input.files]);
    input.value = "";
  });
  model.on("msg:custom", (message) => {
    if (message.focus) input.focus();
  });
  const lift = (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.toggle("rb-over", event.type === "dragenter" || event.type === "dragover");
  };
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) zone.addEventListener(name, lift);
  zone.addEventListener("drop", (event) => send(model, [...event.dataTransfer.files]));
}

export default { render };
