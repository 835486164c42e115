// The network drawn to scale: heights are pixels, widths are channels.

const PYRAMID = { width: 1000, height: 178, tallest: 128, middle: 76, gap: 7, least: 3 };

const isOpenable = (layer) => layer.shape.length === 3 && layer.openable;

/** How wide each layer is drawn: by its channels. */
function layerWidths(layers) {
  const across = PYRAMID.width - PYRAMID.gap * (layers.length + 1);
  const channels = layers.reduce((sum, layer) => sum + layer.shape[0], 0);
  return layers.map((layer) => Math.max(PYRAMID.least, (across * layer.shape[0]) / channels));
}

/** The SVG; `open(name)` is called when a layer is chosen. */
function drawPyramid(layers, open) {
  const tallest = Math.max(...layers.map((layer) => layer.shape[1] ?? 1));
  const widths = layerWidths(layers);
  let x = PYRAMID.gap;
  const blocks = layers.map((layer, i) => {
    const block = drawBlock(layer, x, widths[i], PYRAMID.tallest * ((layer.shape[1] ?? 1) / tallest), open);
    x += widths[i] + PYRAMID.gap;
    return block;
  });
  return make("svg", { viewBox: `0 0 ${x} ${PYRAMID.height}`, role: "group", "aria-label": text("pyramid") },
    ...blocks, ...groupNames(layers, widths));
}

function drawBlock(layer, x, width, height, open) {
  const tall = Math.max(PYRAMID.least, height), gap = PYRAMID.gap;
  const openable = isOpenable(layer);
  const block = make("g", { class: `block ${layer.kind}`, "data-layer": layer.name },
    make("rect", { class: "column", x: x - gap / 2, y: 0, width: width + gap, height: PYRAMID.height - 24, rx: 4 }),
    make("rect", { class: "slab", x, y: PYRAMID.middle - tall / 2, width, height: tall, rx: Math.min(2, width / 4) }));
  if (!openable) return block;
  for (const [name, value] of Object.entries({ role: "button", tabindex: -1, "aria-label": layerLabel(layer) }))
    block.setAttribute(name, value);
  block.classList.add("openable");
  block.addEventListener("click", () => open(layer.name));
  return block;
}

const HEAD = "head", LETTER = 0.47, NARROW = 760;  // of the size of the words; points, below which those grow

/** The number that a layer shares with its neighbours: 3 for conv3_1, pool3 and block3_2. */
const groupOf = (layer) => layer.name.match(/^[a-z]+(\d+)(?:_|$)/)?.[1] ?? (isOpenable(layer) || layer.kind === "input" ? null : HEAD);

/** "block 3" under the layers that share a number, or "3" where there is no more room. */
function groupNames(layers, widths) {
  const size = $(".pyramid-scroll").clientWidth < NARROW ? 17 : 12;
  const spans = [];
  let x = PYRAMID.gap;
  layers.forEach((layer, i) => {
    const number = groupOf(layer), to = x + widths[i];
    if (number && spans.at(-1)?.number === number) spans.at(-1).to = to;
    else if (number) spans.push({ number, from: x, to });
    x = to + PYRAMID.gap;
  });
  const y = PYRAMID.height - 20;
  return spans.flatMap(({ number, from, to }) => {
    const long = number === HEAD ? text("head") : text("group", { number });
    const shown = long.length * LETTER * size < to - from + PYRAMID.gap ? long : number === HEAD ? "" : number;
    return [
      make("line", { class: "brace", x1: from, x2: to, y1: y, y2: y }),
      make("text", { class: "group", x: (from + to) / 2, y: y + 15, "text-anchor": "middle", "font-size": size }, shown),
    ];
  });
}

const shapeOf = (layer) => layer.shape.length === 3
  ? text("shape", { channels: layer.shape[0], height: layer.shape[1], width: layer.shape[2] })
  : text("values", { count: grouped(layer.shape[0]) });

const layerLabel = (layer) => `${layer.name}, ${text("kinds." + layer.kind)}, ${shapeOf(layer)}`;

/** Marks the open layer and keeps it in view where the pyramid scrolls sideways. */
function markLayer(pyramid, name) {
  for (const block of $$(".block", pyramid)) {
    const open = block.dataset.layer === name;
    block.classList.toggle("open", open);
    if (!block.classList.contains("openable")) continue;
    block.setAttribute("aria-pressed", open);
    block.setAttribute("tabindex", open ? 0 : -1);
    if (!open) continue;
    const scroller = pyramid.parentElement, box = block.getBoundingClientRect(), around = scroller.getBoundingClientRect();
    scroller.scrollBy({ left: box.left + box.width / 2 - around.left - around.width / 2 });
  }
}

/** Tells on which sides more of the pyramid is to be seen by scrolling. */
function markScroll() {
  const { scrollLeft, clientWidth, scrollWidth } = $(".pyramid-scroll");
  $(".pyramid-frame").classList.toggle("more-left", scrollLeft > 2);
  $(".pyramid-frame").classList.toggle("more-right", scrollLeft + clientWidth < scrollWidth - 2);
}

/** The line of facts about a layer. */
function describe(layer) {
  const facts = {
    kind: layer.kind !== "convolution" && text(`kinds.${layer.kind}`),  // of a convolution, the name says it
    shape: shapeOf(layer),
    field: `${layer.field} \u00d7 ${layer.field}`,
    parameters: layer.parameters && grouped(layer.parameters),
    macs: layer.macs && `${number(layer.macs / 1e6, 0)} M`,
  };
  return [
    make("strong", {}, layer.name),
    ...Object.entries(facts).filter(([, value]) => value).map(([key, value]) => make("span", {}, text(`facts.${key}`, { value }))),
  ];
}
