// Files to take away: 'take' asks for one with {key, kind, layer, turn}; the DOM event wk-file brings {turn, file: {url, orig_name}} or {gone}.

const KINDS_OF_FILES = ["sheet", "layer", "all", "table"];
let takeTurn = 0;

const megabytes = (layers) => {
  const size = layers.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, side) => product * side, 1), 0) / 1e6;
  return number(size, size < 10 ? 1 : 0);
};

function drawTake() {
  const here = layerOf(view.layer);
  const values = { layer: view.layer, one: megabytes([here]), all: megabytes(openable()) };
  $(".take .files").replaceChildren(...KINDS_OF_FILES.map((kind) => make("button", {
    type: "button", class: "wk-button", "data-kind": kind, onclick: () => askFile(kind),
  }, text(`take.${kind}`, values))));
}

function askFile(kind) {
  takeTurn += 1;
  $(".take .state").textContent = text("take.writing");
  trigger("take", { key: study.key, kind, layer: view.layer, turn: takeTurn });
}

function receiveFile({ detail }) {
  if (detail.turn !== takeTurn) return;
  $(".take .state").textContent = detail.gone ? text("gone") : text("take.done", { name: detail.file.orig_name });
  if (detail.file) make("a", { href: detail.file.url, download: detail.file.orig_name }).click();
}

function buildTake() {
  $(".take summary").textContent = text("take.title");
  $(".take .about").textContent = text("take.about");
}
