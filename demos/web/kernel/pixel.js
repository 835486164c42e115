// The pixel being looked at: which one, and what its arithmetic strip says.

function showArithmetic(layers) {
  const place = placeOf(layers);
  const [[across, down]] = sizes;
  placeWindow($(".photo .window"), place.box, across, down);
  placeWindow($(".response .window"), [state.pixel.x, state.pixel.y, 1, 1], renderer.canvas.width, renderer.canvas.height);
  sums.show(place);
}

/** All that the arithmetic strip shows of the current pixel. */
function placeOf(layers) {
  const { kernel, options, pixel } = state;
  pixel.x = clamp(pixel.x, 0, renderer.canvas.width - 1);
  pixel.y = clamp(pixel.y, 0, renderer.canvas.height - 1);
  const channel = response.grey ? "grey" : state.channel;
  const at = (x, y) => ({ x, y, ...explain(picture(), layers, options, sizes, x, y, channel) });
  const found = options.pool ? pooled(at) : at(pixel.x, pixel.y);
  const taps = found.taps.map((tap, i) => ({ ...tap, cell: layers.at(-1).cells[i] }));
  const reach = reachOf(layers.at(-1), options);
  const [first] = taps;
  return {
    taps, size: kernel.size, steps: stepsOf(taps, found),
    box: [first.x, first.y, reach + 1, reach + 1],
    near: { picture: photoCanvas, x: first.x + (reach + 1) / 2, y: first.y + (reach + 1) / 2, reach },
    title: text("where", { column: pixel.x + 1, row: pixel.y + 1 }),
  };
}

/** Of the four responses under the current pixel of a pooled picture, the largest. */
function pooled(at) {
  const [width, height] = sizes.at(-1);
  const four = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([dx, dy]) =>
    at(Math.min(2 * state.pixel.x + dx, width - 1), Math.min(2 * state.pixel.y + dy, height - 1)));
  return four.reduce((most, one) => (one.value > most.value ? one : most));
}

function stepsOf(taps, { before, value }) {
  const { divide, bias } = state.kernel;
  const sum = taps.reduce((total, tap) => total + tap.value * tap.cell, 0);
  const steps = [{ label: text("steps.sum", { count: taps.length }), shown: short(sum) }];
  if (divide !== 1) steps.push({ label: text("steps.divide", { divide: short(divide) }), shown: short(sum / divide) });
  if (bias !== 0) steps.push({ label: text("steps.bias", { bias: short(bias) }), shown: short(before) });
  if (state.options.relu) steps.push({ label: text("steps.relu"), shown: short(value) });
  if (state.options.pool) steps.push({ label: text("steps.pool"), shown: short(value) });
  return [...steps, { label: text("steps.response"), shown: short(value), colour: colourOf([value], response.look), final: true }];
}

/** Looks at a pixel of the response. */
function inspect(x, y) {
  if (!response) return;
  state.pixel = { x, y };
  showArithmetic(currentLayers());
}

/** Looks at the response whose kernel is centred on a pixel of the photo. */
function inspectUnder(x, y) {
  if (!response) return;
  const [layer] = currentLayers();
  const { stride, pool } = state.options;
  const shift = beforeFirst(layer, state.options) - reachOf(layer, state.options) / 2;
  const along = (at) => Math.max(0, Math.round((at + shift) / stride)) >> (pool ? 1 : 0);
  inspect(clamp(along(x), 0, renderer.canvas.width - 1), clamp(along(y), 0, renderer.canvas.height - 1));
}
