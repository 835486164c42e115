// A photo's way through a network: the pyramid of layers, a sheet of all channels, one channel large.
// props.value: {key, network, first (the layer to begin with), photo (data URI), answers,
//   open? (what a link asks to see), layers: [{name, kind, shape, parameters, macs, field, stride, start, openable, rectified}]}
// server.sheet({key, layer}) answers with that layer's sheet as soon as it is computed.

const WATCH_MS = 900;

const view = { layer: null, channel: null, relu: true, common: false, by: "index", zoom: 1, strength: 0.5, mode: "where", place: null, index: null, sweeping: false };
let shown = null;  // what the canvas holds: {sheet, plan, order}
let playing = null;

// --- What is open

function openLayer(name) {
  if (!layerOf(name)) return;
  if (name !== view.layer) view.channel = null;
  view.layer = name;
  markLayer($(".pyramid"), name);
  showFacts();
  if (study.sheets.has(name)) show();
  else {
    wait("coming");
    document.dispatchEvent(new CustomEvent("wk-open", { detail: { layer: name } }));
    pull(study, name);
  }
}

function showFacts() {
  const button = (step) => make("button", { type: "button", class: "wk-button step", "aria-label": text(step > 0 ? "next" : "previous"),
    disabled: (step > 0 ? openable().at(-1) : openable()[0]).name === view.layer, onclick: () => { play(false); walk(step); } }, step > 0 ? "\u203a" : "\u2039");
  const [name, ...facts] = describe(layerOf(view.layer));
  $(".facts").replaceChildren(make("span", { class: "steps" }, button(-1), name, button(1)), ...facts);
  drawTake();
}

function walk(step) {
  const names = openable().map((layer) => layer.name);
  const next = names[names.indexOf(view.layer) + step];
  if (next) openLayer(next);
  return Boolean(next);
}

function walkChannel(step) {
  if (!shown) return;
  const place = clamp(shown.order.indexOf(view.channel) + step, 0, shown.order.length - 1);
  openChannel(shown.order[place]);
}

function play(on) {
  clearInterval(playing);
  playing = null;
  if (on) {
    const last = openable().at(-1)?.name;
    if (view.layer === last) openLayer(openable()[0].name);
    playing = setInterval(() => { if (!element.isConnected || !walk(1)) play(false); }, WATCH_MS);
  }
  const button = $(".watch");
  button.textContent = text(on ? "pause" : "watch");
  button.setAttribute("aria-pressed", on);
}

// --- Drawing

function show() {
  const sheet = study.sheets.get(view.layer);
  const width = $(".scroll").clientWidth;
  if (!sheet || !width) return;
  wait(null);
  const layer = layerOf(view.layer);
  const relu = layer.rectified ? view.relu : Math.min(...sheet.statistics.min) >= 0;
  if (view.by === "share") fetchWhy();
  if (view.by === "place") view.place ??= { x: 0.5, y: 0.5 };
  const by = view.by === "share" && !reasons() ? "index" : view.by;
  const order = sorted(sheet, by, relu, { share: reasons()?.shares, place: by === "place" && standingOut(sheet, layer, relu) }[by]);
  $(".maps").dataset.sorted = by;
  const scales = fullScales(sheet, relu, view.common);
  const plan = arrange(sheet, width, view.zoom);
  shown = { sheet, layer, plan, order, scales, relu };
  showFacts();
  $(".relu").hidden = !layer.rectified;
  const canvas = $(".tiles");
  paintTiles(canvas, sheet, plan, order, scales, relu);
  canvas.style.width = `${canvas.width / plan.ratio}px`;
  labelled(canvas, `${layerLabel(layer)}. ${text("sheet_help")}`);
  $(".atlas figcaption").textContent = text(relu ? "caption_relu" : "caption_signed");
  $(".legend").replaceChildren(legend(relu, view.common ? Math.max(...scales) : null));
  $(".tiles").classList.toggle("sweeping", view.sweeping);
  openChannel(view.channel ?? (by === "place" ? order[0] : strongest(sheet)));
  did({ depth: depthOf(view.layer) });
}

function legend(relu, top) {
  const end = top == null ? text("own_top") : figure(top);
  const ramp = make("i", { class: "ramp" });
  ramp.style.background = divergingGradient();
  if (relu) Object.assign(ramp.style, { backgroundSize: "200% 100%", backgroundPosition: "100% 0" });
  return make("div", { class: relu ? "scale half" : "scale" },
    relu ? null : make("span", {}, top == null ? text("own_bottom") : figure(-top)),
    relu ? make("span", {}, "0") : null, ramp, make("span", {}, end), make("span", { class: "hint" }, text("keys")));
}

function openChannel(channel) {
  view.channel = channel;
  document.dispatchEvent(new CustomEvent("wk-open", { detail: { layer: view.layer } }));
  placeCursor();
  drawChannel(channel);
  drawPair();
  showSwitches();
}

function placeCursor() {
  const { plan, order } = shown, [left, top] = corner(plan, order.indexOf(view.channel));
  const cursor = $(".cursor"), points = (pixels) => `${pixels / plan.ratio}px`;
  cursor.hidden = false;
  Object.assign(cursor.style, { left: points(left), top: points(top), width: points(plan.side), height: points(plan.side) });
}

function showTip(event) {
  const place = shown && placeAt($(".tiles"), shown.plan, shown.order, event);
  const tip = $(".tip");
  tip.hidden = place == null;
  if (place == null) return;
  const channel = shown.order[place], { statistics } = shown.sheet;
  tip.replaceChildren(make("b", {}, text("channel", { channel })),
    text("tip", { max: figure(statistics.max[channel]), mean: figure(figureOf(statistics, "mean", shown.relu)[channel]), zeros: percent(statistics.zeros[channel]) }));
  const box = $(".atlas").getBoundingClientRect(), left = event.clientX - box.left, top = event.clientY - box.top;
  tip.style.left = `${clamp(left + 14, 0, Math.max(0, box.width - tip.offsetWidth))}px`;
  tip.style.top = `${top > tip.offsetHeight + 24 ? top - tip.offsetHeight - 12 : top + 20}px`;
}

// --- Keys

const STEPS = { ArrowLeft: [walk, -1], ArrowRight: [walk, 1], ArrowUp: [walkChannel, -1], ArrowDown: [walkChannel, 1] };

const OWN_KEYS = "input, select, textarea, dialog, [contenteditable], [role=radiogroup], [role=listbox]";

/** Arrow keys work wherever the focus is not in a control that needs them itself. */
function onKey(event) {
  if (!element.isConnected) return document.removeEventListener("keydown", onKey);
  const inside = element.contains(event.target);
  if (!element.offsetParent || event.target.closest(OWN_KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target.closest(".block")) openLayer(event.target.closest(".block").dataset.layer);
  const [move, step] = STEPS[event.key] ?? [];
  if (!move || (!inside && move === walkChannel)) return;
  event.preventDefault();
  if (move === walk) play(false);
  move(step);
}

$(".toolbar").replaceChildren(...toolbar());
$(".waiting").textContent = text("loading");
buildChannel();
buildTake();
buildPair();
pictureTools($(".atlas"), () => $(".tiles"), () => `${view.layer}`);
$(".tiles").addEventListener("pointermove", (event) => event.pointerType === "mouse" && showTip(event));
$(".tiles").addEventListener("pointerleave", () => { $(".tip").hidden = true; });
listenForSweeps($(".tiles"));
$(".tiles").addEventListener("click", (event) => {
  if (view.sweeping) return;
  const place = shown && placeAt($(".tiles"), shown.plan, shown.order, event);
  if (place != null) chooseChannel(shown.order[place]);
});
/** What was asked for failed, and a sentence on the page says why: nothing is on its way any more. */
function onFailed({ detail }) {
  if (detail === "wish") endWish();
  else if (detail === "take") $(".take .state").textContent = "";
  else $(".both").classList.remove("stale");
}

document.addEventListener("keydown", onKey);
$(".maps").addEventListener("wk-failed", onFailed);
$(".pyramid-scroll").addEventListener("scroll", markScroll);
$(".maps").addEventListener("wk-wish", receiveWish);
$(".maps").addEventListener("wk-live", receiveLive);
$(".maps").addEventListener("wk-switched", receiveSwitched);
$(".maps").addEventListener("wk-second", receiveSecond);
$(".maps").addEventListener("wk-file", receiveFile);
let width = 0;
new ResizeObserver(() => {
  const now = $(".scroll").clientWidth;
  if (now !== width) { width = now; show(); markScroll(); }
}).observe($(".scroll"));
watch("value", begin);
begin();
