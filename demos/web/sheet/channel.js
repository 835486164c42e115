// The panel of the one channel that is open.

const EARLY = 0.7;  // of the way through the network: before it, channels answer to strokes and textures more than to parts
const MODES = ["where", "want", "why"];

let peek = null;  // the unit under the pointer, if it is over the photo

function buildChannel() {
  const slider = make("input", { type: "range", min: 0, max: 1, step: 0.02, value: view.strength, "aria-label": text("strength"),
    oninput: () => { view.strength = Number(slider.value); drawChannel(view.channel); } });
  const canvas = make("canvas", { class: "overlay", tabindex: 0, width: VIEW, height: VIEW });
  const figure = make("figure", { class: "large" }, canvas, make("figcaption", { class: "reading" }));
  $(".channel").replaceChildren(
    buildViews(), make("h3", {}), figure,
    make("label", { class: "blend" }, make("span", {}, text("photo")), slider, make("span", {}, text("map"))),
    make("div", { class: "classes" }), buildWish(),
    make("p", { class: "wk-caption early", hidden: true }, text("place_early")),
    make("dl", { class: "figures" }),
    make("button", { type: "button", class: "wk-button switch", hidden: true, onclick: () => switchChannels([view.channel], !isOff(view.layer, view.channel)) }),
    make("figure", { class: "patch" }, make("canvas"), make("figcaption", {})));
  pictureTools(figure, () => canvas, () => `${view.layer}-${view.mode === "why" ? "why" : view.mode === "want" ? `${view.channel}-wants` : view.channel}`);
  markViews();
  canvas.addEventListener("pointermove", (event) => look(canvas, event));
  canvas.addEventListener("click", (event) => shown && view.mode === "where" && askPlace(placeOf(canvas, event)));
  canvas.addEventListener("keydown", movePlace);
  canvas.addEventListener("pointerleave", () => { peek = null; drawChannel(view.channel); });
}

/** The three things that the large picture can show: where a channel answers, what it wants, the reasons for the answer. */
function buildViews() {
  const button = (mode) => make("button", { type: "button", class: "wk-button", "data-mode": mode, "aria-pressed": String(view.mode === mode),
    onclick: () => { view.mode = mode; markViews(); drawChannel(view.channel); } }, text(`view_${mode}`));
  return make("div", { class: "views" }, ...MODES.map(button));
}

function markViews() {
  $$(".views button").forEach((button) => button.setAttribute("aria-pressed", view.mode === button.dataset.mode));
  $(".channel").dataset.mode = view.mode;
}

/** Chosen with a finger or the mouse: on a phone the large view may be out of sight. */
function chooseChannel(channel) {
  if (view.mode === "why") view.mode = "where";
  markViews();
  openChannel(channel);
  if (matchMedia("(max-width: 760px)").matches) $(".channel").scrollIntoView({ block: "nearest", behavior: scrolling() });
}

function look(canvas, event) {
  if (!shown || view.mode !== "where") return;
  const { x, y } = placeOf(canvas, event), side = study.picture.width;
  peek = unitAt(shown.layer, shown.sheet.size, x * side, y * side);
  drawChannel(view.channel);
}

/** Where a pointer is on a picture, from 0 to 1 both ways. */
function placeOf(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

function drawChannel(channel) {
  if (!shown || channel == null) return;
  tellView();
  if (view.mode === "why") return drawWhy();
  const { sheet, layer, relu, scales } = shown;
  if (shown.grey?.channel !== channel) shown.grey = { channel, levels: greyOf(sheet, channel) };
  const grey = shown.grey.levels, pointed = peek ?? (view.by === "place" ? unitAtPlace(shown) : null);
  const unit = pointed ?? peakOf(grey, sheet.size), field = fieldOf(layer, unit.column, unit.row);
  paintPatch($(".patch canvas"), study.picture, field);
  $(".patch figcaption").textContent = text(pointed ? "patch" : "patch_peak", { side: layer.field });
  labelled($(".patch canvas"), $(".patch figcaption").textContent);
  if (view.mode === "want") return drawWant();
  const values = levels(sheet, channel, relu, scales[channel]);
  paintOverlay($(".overlay"), study.picture, Float32Array.from(grey, (level) => values[level]), sheet.size, view.strength, field);
  if (view.by === "place") paintPlace($(".overlay"));
  const read = values[grey[unit.row * sheet.size + unit.column]] * scales[channel];
  const answer = figure(pointed ? read : highest(sheet, channel, relu)); // the picture is a little less exact
  $(".channel h3").textContent = text("channel_of", { channel, layer: layer.name });
  labelled($(".overlay"), `${$(".channel h3").textContent}. ${text("place_help")}`);
  $(".reading").textContent = text(pointed ? "reading" : "reading_peak", { answer });
  $(".figures").replaceChildren(...figureList(sheet, channel, relu));
  $(".early").hidden = view.by !== "place" || depthOf(layer.name) > EARLY;
}

const highest = ({ statistics }, channel, relu) => relu ? Math.max(0, statistics.max[channel]) : statistics.max[channel];

function figureList({ statistics }, channel, relu) {
  const low = relu ? Math.max(0, statistics.min[channel]) : statistics.min[channel];
  const figures = {
    lowest: figure(low), highest: figure(highest({ statistics }, channel, relu)),
    mean: figure(figureOf(statistics, "mean", relu)[channel]), silent: percent(statistics.zeros[channel]),
  };
  return Object.entries(figures).map(([key, value]) => make("div", {}, make("dt", {}, text(`figures.${key}`)), make("dd", {}, value)));
}
