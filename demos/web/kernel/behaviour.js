// The live kernel: state, undo, and what happens in each drawn frame. Nothing here calls the server.

const MOST_UNDONE = 200;
const state = {
  layers: [presetKernel(props.value.preset)], // one kernel, or up to three in a row
  active: 0, // the one in the grid
  get kernel() { return this.layers[this.active]; },
  options: { ...FIRST_OPTIONS },
  pixel: null,
  held: false, // whether the pixel stays while the pointer moves on
  channel: 0,
  title: "",
};
const past = []; // {layers, active}, newest last
let gestureOfLast = null;
let renderer = makeRenderer();
let sizes = null; // of the picture and of each layer's response, when the last frame was drawn
let response = null; // {range, look, grey} of the last frame
let automatic = "signed"; // how the response is shown when nobody says
let photo = null; // {width, height, data}, read from the photo's canvas when needed
let loaded = false; // whether there is a picture
let frame = 0;
let statsTimer = 0;
let statsRead = 0;

const controls = []; // everything whose show() brings it up to date
const showGrid = kernelGrid($(".grid"), () => state.kernel, edit);
const sums = arithmetic($(".sums"));
const showStack = stackPanel($(".stack-body"), replace);
const photoCanvas = $(".photo canvas");
const photoContext = photoCanvas.getContext("2d", { willReadFrequently: true });

function presetKernel(name) {
  const { cells, divide } = props.presets[name];
  return { name, size: cells.length, cells: cells.flat(), decimals: null, divide, bias: 0 };
}

// Changes -----------------------------------------------------------------------------------------------------------

/** Takes other kernels; changes of one gesture (a drag, one field's typing) are undone together. */
function replace(layers, active, gesture = null) {
  if (!gesture || gesture !== gestureOfLast) past.push({ layers: state.layers, active: state.active });
  if (past.length > MOST_UNDONE) past.shift();
  gestureOfLast = gesture;
  Object.assign(state, { layers, active });
  request();
}

/** Changes the kernel in the grid; with other numbers it is one's own, unless the change brings a name. */
function edit(change, gesture = null) {
  const unnamed = change.cells ? { name: null, title: null, shows: null } : {};
  replace(state.layers.with(state.active, { ...state.kernel, ...unnamed, ...change }), state.active, gesture);
}

/** Takes a kernel that another part of the page sends, see sendKernel() in common.js, and comes into view with it. */
function takeKernel({ size, cells, divide = 1, bias = 0, title = null, shows = null }) {
  if (![3, 5, 7].includes(size) || cells.length !== size * size) throw new RangeError(`expected 3, 5 or 7 squared cells; got size ${size} and ${cells.length} cells`);
  edit({ size, cells: [...cells], decimals: sensibleDecimals(cells), divide, bias, title, shows });
  $(".bench").scrollIntoView({ behavior: scrolling(), block: "start" });
  $(".kernel-name").focus({ preventScroll: true }); // not a number: on a phone that would open the keyboard
}

function setSize(size) {
  if (size !== state.kernel.size) edit({ size, cells: resized(state.kernel, size) });
}

function undo() {
  if (!past.length) return;
  Object.assign(state, past.pop());
  gestureOfLast = null;
  request();
}

function setOption(name, value) {
  state.options[name] = value;
  request();
}

/** Puts something drawable on the photo's canvas, on white and mirrored if so told, and takes it as the picture. */
function showPicture(drawable, width, height, title, mirrored = false) {
  const same = photoCanvas.width === width && photoCanvas.height === height && state.title === title;
  if (!same) {
    Object.assign(photoCanvas, { width, height });
    Object.assign(state, { title, pixel: null, held: false });
    slide.end();
    guess.end();
  }
  photoContext.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? width : 0, 0);
  photoContext.fillStyle = "#ffffff";
  photoContext.fillRect(0, 0, width, height);
  photoContext.imageSmoothingQuality = mirrored ? "low" : "high"; // low for the camera, which must keep up
  photoContext.drawImage(drawable, 0, 0, width, height);
  photoContext.setTransform(1, 0, 0, 1, 0, 0);
  takePicture();
}

function takePicture() {
  photo = null;
  loaded = true;
  renderer.load(photoCanvas, picture);
  request();
}

const picture = () => (photo ??= photoContext.getImageData(0, 0, photoCanvas.width, photoCanvas.height));

function say(problem) {
  $(".problem").textContent = problem ?? "";
  $(".problem").hidden = !problem;
}

// Building ----------------------------------------------------------------------------------------------------------


function buildPresets() {
  $(".presets").append(...Object.entries(props.presets).map(([name, { cells }]) =>
    make("button", { type: "button", class: "preset", "data-name": name, title: text(`presets.${name}.shows`),
      onclick: () => edit(presetKernel(name)) }, kernelIcon(cells), make("span", {}, text(`presets.${name}.title`)))));
}

/** Whole numbers from -2 to 2, divided so that the response stays in view. */
function randomKernel(size) {
  const cells = Array.from({ length: size * size }, () => Math.floor(Math.random() * 5) - 2);
  const positive = cells.reduce((sum, cell) => sum + Math.max(0, cell), 0);
  return { size, cells, decimals: null, divide: Math.max(1, Math.round(positive / 4)), bias: 0 };
}

/** Divides by the sum of the weights; by that of the positive ones where the sum is zero. */
function normalise() {
  const sum = (cells) => cells.reduce((total, cell) => total + cell, 0);
  const { cells } = state.kernel;
  const whole = sum(cells);
  const divide = Math.abs(whole) > 1e-6 ? whole : sum(cells.map((cell) => Math.max(0, cell)));
  if (divide) edit({ divide: Number(divide.toFixed(6)) });
}

function buildFields() {
  const field = (name, step, accept = () => true) => {
    const input = numberInput({ label: text(name), step, get: () => state.kernel[name],
      set: (value, gesture) => { if (accept(value)) edit({ [name]: value }, gesture); } });
    controls.push(input);
    return make("label", { class: "field" }, make("span", {}, text(name)), input);
  };
  $(".fields").append(field("divide", 1, (value) => value !== 0), field("bias", 0.05));
  const size = choice(text("size"), [3, 5, 7].map((side) => [side, `${side} \u00d7 ${side}`]), () => state.kernel.size, setSize);
  controls.push(size);
  $(".fields").before(size.row);
  $(".hand-buttons").append(
    plainButton(text("undo"), undo, { class: "wk-button undo", title: text("undo_hint") }),
    plainButton(text("random"), () => edit(randomKernel(state.kernel.size)), { title: text("random_hint") }),
    plainButton(text("normalise"), normalise, { title: text("normalise_hint") }));
}

function buildOptions() {
  const rows = optionControls(() => state.options, setOption);
  $(".option-list").append(...rows.map((control) => control.row));
  const view = list(text("view"), VIEWS.map((name) => [name, text(`views.${name}`)]), () => state.options.view,
    (value) => setOption("view", value));
  $(".view").append(view.select);
  controls.push(...rows, view);
}

function mountRenderer() {
  $(".response .frame").prepend(renderer.canvas);
  renderer.canvas.setAttribute("role", "img");
  renderer.canvas.addEventListener("webglcontextlost", () => {
    renderer.canvas.remove();
    renderer = new CanvasRenderer();
    mountRenderer();
    takePicture();
  });
}

function buildFrames() {
  const frames = { photo: $(".photo .frame"), response: $(".response .frame") };
  const draws = () => frames.photo.classList.contains("pad");
  pointAt(frames.photo, () => photoCanvas, followed(inspectUnder), (x, y) => { if (!draws()) held(inspectUnder)(x, y); });
  pointAt(frames.response, () => renderer.canvas, followed(inspect), held(inspect));
  frames.response.tabIndex = 0;
  frames.response.setAttribute("role", "group");
  frames.response.setAttribute("aria-label", text("response_keys"));
  frames.response.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (dx === undefined || !state.pixel) return;
    event.preventDefault();
    const moved = (at, by, length) => clamp(at + by * (event.shiftKey ? 10 : 1), 0, length - 1);
    if (mayChoose()) inspect(moved(state.pixel.x, dx, renderer.canvas.width), moved(state.pixel.y, dy, renderer.canvas.height));
    const { x, y } = state.pixel;
    write($(".spoken"), text("spoken", { column: x + 1, row: y + 1, value: $(".step.final b").textContent }));
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && state.held) hold(false); });
  pictureTools($(".photo"), () => photoCanvas, "photo");
  pictureTools($(".response"), () => renderer.canvas, () => state.kernel.name ?? "kernel");
}

for (const node of $$("[data-text]")) node.textContent = text(node.dataset.text);
for (const node of $$("[data-label]")) node.setAttribute("aria-label", text(node.dataset.label));
buildPresets();
buildFields();
buildOptions();
mountRenderer();
buildFrames();
$(".readout").addEventListener("click", showSums);
const channelChoice = choice(text("channel"), [0, 1, 2].map((channel) => [channel, text(`channels.${channel}`)]), () => state.channel,
  (channel) => { state.channel = channel; showArithmetic(currentLayers()); });
sums.extras.append(channelChoice.row);
const slide = slideControls(sums.tasks);
const guess = guessControls(sums.tasks, () => slide.end());
const sources = pictureSources($(".sources"), showPicture, say);
controls.push(likePanel($(".like"), () => state.kernel, { take: takeKernel, shrink: () => setSize(3), changed: request }));
const link = linked(sources);
controls.push(link);
$(".hand").addEventListener("keydown", (event) => {
  if (event.key !== "z" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  undo();
});
$(".stack").addEventListener("toggle", request);
$(".kernel-tab").addEventListener("wk-kernel", (event) => takeKernel(event.detail));
$(".kernel-tab").addEventListener("wk-use", (event) => sources.useFile(event.detail)); // from another tab, see assets/carry.js
new ResizeObserver(() => response && showStats()).observe($(".histogram"));
element.whiskers = whiskers;
const wanted = askedOf(TAB);
if (wanted) {
  link.open(wanted);
  past.length = 0; // there is nothing before it to go back to
} else sources.first();
$(".kernel-tab").dataset.takes = "";
request();
requestAnimationFrame(() => { // after the frame that presses one of each
  for (const row of [$(".presets"), $(".samples")]) {
    fadingEdges(row);
    oneTabStop(row);
    centrePressed(row);
  }
});
