// The pixel being looked at: which one, and what its arithmetic strip says.

function showArithmetic(layers) {
  const place = placeOf(layers);
  const [[across, down]] = sizes;
  placeWindow($(".photo .window"), place.box, across, down);
  placeWindow($(".response .window"), [state.pixel.x, state.pixel.y, 1, 1], renderer.canvas.width, renderer.canvas.height);
  $(".response .window").classList.toggle("hiding", place.hidden);
  for (const marker of $$(".photo .window, .response .window")) marker.classList.toggle("held", state.held);
  channelChoice.row.hidden = response.grey;
  channelChoice.show();
  sums.show(place);
  write($(".readout"), text("readout", { value: $(".step.final b").textContent }));
  $(".readout").hidden = false;
}

/** From the response in one line under the photo to its arithmetic, further down. */
function showSums() {
  $(".sums").scrollIntoView({ behavior: scrolling(), block: "center" });
}

/** All that the arithmetic strip shows of the current pixel. */
function placeOf(layers) {
  const { options, pixel } = state;
  pixel.x = clamp(pixel.x, 0, renderer.canvas.width - 1);
  pixel.y = clamp(pixel.y, 0, renderer.canvas.height - 1);
  const channel = response.grey ? "grey" : state.channel;
  const at = (x, y) => ({ x, y, ...explain(picture(), layers, options, sizes, x, y, channel) });
  const found = options.pool ? pooled(at) : at(pixel.x, pixel.y);
  const layer = layers.at(-1);
  guess.tell(found.value, guessTolerance(layer));
  const box = receptiveBox(layers, options, found.x, found.y);
  return {
    taps: found.taps, size: layer.size, decimals: state.layers.at(-1).decimals ?? CELL_DECIMALS, hidden: guess.hides(),
    steps: guess.hides() ? hiddenSteps() : stepsOf(found, layer), box,
    near: { picture: photoCanvas, x: box[0] + box[2] / 2, y: box[1] + box[2] / 2, side: box[2] },
    title: text(state.held ? "where_held" : "where", { column: pixel.x + 1, row: pixel.y + 1 }),
    source: text(layers.length > 1 ? "parts.earlier" : "parts.pixels", { place: layers.length - 1 }),
  };
}

/** Of the four responses under the current pixel of a pooled picture, the largest. */
function pooled(at) {
  const [width, height] = sizes.at(-1);
  const four = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([dx, dy]) =>
    at(Math.min(2 * state.pixel.x + dx, width - 1), Math.min(2 * state.pixel.y + dy, height - 1)));
  return four.reduce((most, one) => (one.value > most.value ? one : most));
}

/** How far off a guess may be: what rounding every pixel to one decimal can do. */
const guessTolerance = ({ weights }) => 0.05 + 0.05 * weights.reduce((sum, weight) => sum + Math.abs(weight), 0);

const hiddenSteps = () => [{ label: text("steps.response"), shown: "?", final: true }];

function stepsOf({ taps, before, value }, { divide, bias }) {
  const sum = taps.reduce((total, tap) => total + tap.value * tap.cell, 0);
  const steps = [{ label: text("steps.sum", { count: taps.length }), shown: number(sum) }];
  if (divide !== 1) steps.push({ label: text("steps.divide", { divide: short(divide) }), shown: number(sum / divide) });
  if (bias !== 0) steps.push({ label: text("steps.bias", { bias: short(bias) }), shown: number(before) });
  if (state.options.relu) steps.push({ label: text("steps.relu"), shown: number(value) });
  if (state.options.pool) steps.push({ label: text("steps.pool"), shown: number(value) });
  return [...steps, { label: text("steps.response"), shown: number(value), colour: colourOf([value], response.look), final: true }];
}

/** Looks at a pixel of the response. */
function inspect(x, y) {
  if (!response) return;
  state.pixel = { x, y };
  showArithmetic(currentLayers());
}

/** Looks at the response whose window is centred on a pixel of the photo. */
function inspectUnder(x, y) {
  if (!response) return;
  const layers = currentLayers();
  const [left, top, side] = receptiveBox(layers, state.options, 0, 0);
  const jump = state.options.stride ** layers.length;
  const along = (at, first) => Math.max(0, Math.round((at - first - (side - 1) / 2) / jump)) >> (state.options.pool ? 1 : 0);
  inspect(clamp(along(x, left), 0, renderer.canvas.width - 1), clamp(along(y, top), 0, renderer.canvas.height - 1));
}

const HOLD_REACH = 3; // pixels: a click so near to the held pixel lets it go

/** Whether a pixel may be chosen: not while the kernel slides by itself, nor while one is to be guessed. */
const mayChoose = () => !slide.active() && !guess.hides();

/** Follows the pointer, until a pixel is held or was guessed. */
const followed = (look) => (x, y) => { if (mayChoose() && !state.held && !guess.shown()) look(x, y); };

/** A click or a tap holds a pixel, so that the pointer can go and look at its numbers; on the held one it lets go. */
const held = (look) => (x, y) => {
  if (!mayChoose()) return;
  const before = state.held ? state.pixel : null;
  guess.end();
  look(x, y);
  hold(!before || Math.hypot(state.pixel.x - before.x, state.pixel.y - before.y) > HOLD_REACH);
};

function hold(now) {
  state.held = now;
  if (response) showArithmetic(currentLayers());
}
