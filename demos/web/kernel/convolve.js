// Convolution on the processor: what the canvas fallback draws with, and the arithmetic that the inspector shows.
// Same rules as core.kernels.convolve. A layer is {size, cells, divide, weights, bias, relu}; options are {border, stride, dilation}.

const BORDERS = ["zero", "replicate", "reflect", "circular", "valid"];
const GREY = [0.299, 0.587, 0.114];

/** Where a coordinate beyond the border is read; -1 for nowhere. */
const BEYOND = {
  zero: (at, length) => (at >= 0 && at < length ? at : -1),
  valid: (at) => at,
  replicate: (at, length) => clamp(at, 0, length - 1),
  reflect: (at, length) => (at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at),
  circular: (at, length) => (at + length) % length,
};

const reachOf = (layer, options) => options.dilation * (layer.size - 1);
const beforeFirst = (layer, options) => (options.border === "valid" ? 0 : reachOf(layer, options) / 2);

/** How many responses fit along a side of `length` pixels. */
function responseLength(length, layer, options) {
  const room = options.border === "valid" ? length - reachOf(layer, options) : length;
  return Math.ceil(room / options.stride);
}

/** Width and height of what each layer reads, and last of what comes out; or {problem} when a border does not fit. */
function plan(width, height, layers, options) {
  const sizes = [[width, height]];
  for (const layer of layers) {
    const shortest = Math.min(...sizes.at(-1));
    const reach = reachOf(layer, options);
    const needed = { valid: reach + 1, reflect: reach / 2 + 1, circular: reach / 2 }[options.border] ?? 1;
    if (shortest < needed) return { problem: { border: options.border, needed, shortest } };
    sizes.push(sizes.at(-1).map((length) => responseLength(length, layer, options)));
  }
  return { sizes };
}

/** For every response along one side and every weight: the pixel to read, or -1. */
function reads(length, count, layer, options) {
  const table = new Int32Array(count * layer.size);
  for (let tap = 0; tap < layer.size; tap++)
    for (let at = 0; at < count; at++) {
      const from = at * options.stride + tap * options.dilation - beforeFirst(layer, options);
      table[tap * count + at] = BEYOND[options.border](from, length);
    }
  return table;
}

/** One channel {width, height, data} through one layer. */
function convolvePlane(plane, layer, options) {
  const width = responseLength(plane.width, layer, options);
  const height = responseLength(plane.height, layer, options);
  const columns = reads(plane.width, width, layer, options);
  const rows = reads(plane.height, height, layer, options);
  const data = new Float32Array(width * height).fill(layer.bias);
  const [first, last] = inner(plane.width, width, layer, options);
  for (let y = 0; y < height; y++)
    for (let line = 0; line < layer.size; line++) {
      const row = rows[line * height + y];
      if (row < 0) continue;
      const pixels = plane.data.subarray(row * plane.width, (row + 1) * plane.width);
      const sums = data.subarray(y * width, (y + 1) * width);
      const weights = layer.weights.subarray(line * layer.size, (line + 1) * layer.size);
      addEdges(sums, pixels, weights, columns, first, last);
      addInner(sums, pixels, weights, first, last, options, beforeFirst(layer, options));
    }
  if (layer.relu) for (let i = 0; i < data.length; i++) if (data[i] < 0) data[i] = 0;
  return { width, height, data };
}

/** The stretch [first, last) of a row of responses that reads nothing beyond the border. */
function inner(length, count, layer, options) {
  const start = beforeFirst(layer, options);
  const first = Math.min(count, Math.ceil(start / options.stride));
  const last = Math.floor((length - 1 - reachOf(layer, options) + start) / options.stride) + 1;
  return [first, clamp(last, first, count)];
}

/** The two ends of a row of responses, where the border's rule says what is read. */
function addEdges(sums, pixels, weights, columns, first, last) {
  const count = sums.length;
  for (let x = 0; x < count; x = x + 1 === first ? last : x + 1) {
    if (x === 0 && first === 0) x = last;
    if (x >= count) return;
    for (let tap = 0; tap < weights.length; tap++) {
      const column = columns[tap * count + x];
      if (column >= 0) sums[x] += weights[tap] * pixels[column];
    }
  }
}

/** The middle of a row of responses, three weights at a time: this is where a processor spends its time. */
function addInner(sums, pixels, weights, first, last, { stride, dilation }, start) {
  for (let tap = 0; tap < weights.length; tap += 3) {
    const [one, two = 0, three = 0] = weights.subarray(tap, tap + 3);
    if (!one && !two && !three) continue;
    const shift = tap * dilation - start;
    const further = two || three ? dilation : 0; // never past the last weight
    const furthest = three ? 2 * dilation : 0;
    for (let x = first, at = first * stride + shift; x < last; x++, at += stride)
      sums[x] += one * pixels[at] + two * pixels[at + further] + three * pixels[at + furthest];
  }
}

/** The largest of every 2 x 2 responses. */
function poolPlane(plane) {
  const width = Math.max(1, plane.width >> 1);
  const height = Math.max(1, plane.height >> 1);
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let most = -Infinity;
      for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
        const at = Math.min(2 * y + dy, plane.height - 1) * plane.width + Math.min(2 * x + dx, plane.width - 1);
        if (plane.data[at] > most) most = plane.data[at];
      }
      data[y * width + x] = most;
    }
  return { width, height, data };
}

/** The channels of {width, height, data: RGBA bytes} in [0, 1]: one of grey, or red, green and blue. */
function planesOf(picture, grey) {
  const count = picture.width * picture.height;
  const planes = (grey ? [0] : [0, 1, 2]).map(() => new Float32Array(count));
  const { data } = picture;
  if (grey) greyInto(planes[0], data);
  else for (let i = 0, byte = 0; i < count; i++, byte += 4)
    for (let channel = 0; channel < 3; channel++) planes[channel][i] = data[byte + channel] / 255;
  return planes.map((plane) => ({ width: picture.width, height: picture.height, data: plane }));
}

function greyInto(plane, data) {
  const [red, green, blue] = GREY.map((share) => share / 255);
  for (let i = 0, byte = 0; i < plane.length; i++, byte += 4)
    plane[i] = red * data[byte] + green * data[byte + 1] + blue * data[byte + 2];
}

/** Whether red, green and blue are the same everywhere. */
function isGrey({ data }) {
  for (let at = 0; at < data.length; at += 4) if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return false;
  return true;
}

/** One pixel of one channel in [0, 1]; `channel` is 0, 1, 2 or "grey". */
function pixelOf(picture, x, y, channel) {
  const at = 4 * (y * picture.width + x);
  const [red, green, blue] = picture.data.subarray(at, at + 3);
  if (channel !== "grey") return [red, green, blue][channel] / 255;
  return (GREY[0] * red + GREY[1] * green + GREY[2] * blue) / 255;
}

/** Where weight `tap` of the response at (x, y) reads the layer's input: {left, top} as asked, {column, row} as read. */
function tapAt(layer, options, [width, height], x, y, tap) {
  const start = beforeFirst(layer, options);
  const left = x * options.stride - start + (tap % layer.size) * options.dilation;
  const top = y * options.stride - start + Math.floor(tap / layer.size) * options.dilation;
  return { left, top, column: BEYOND[options.border](left, width), row: BEYOND[options.border](top, height) };
}

/**
 * A function (x, y, depth) giving the input of layer `depth`: the picture's pixels for the first layer, and for a
 * later one the responses of the layer before it, worked out only where they are asked for.
 */
function inputsOf(picture, layers, options, sizes, channel) {
  const known = layers.map(() => new Map());
  const input = (x, y, depth) => {
    if (depth === 0) return pixelOf(picture, x, y, channel);
    const key = y * sizes[depth][0] + x;
    if (!known[depth].has(key)) known[depth].set(key, response(x, y, depth - 1));
    return known[depth].get(key);
  };
  const response = (x, y, depth) => {
    const layer = layers[depth];
    let sum = layer.bias;
    layer.weights.forEach((weight, tap) => {
      const { column, row } = tapAt(layer, options, sizes[depth], x, y, tap);
      if (weight && column >= 0 && row >= 0) sum += weight * input(column, row, depth);
    });
    return layer.relu ? Math.max(0, sum) : sum;
  };
  return input;
}

/**
 * The arithmetic of one response of the last layer: {taps: [{value, weight, cell, x, y, outside}], before, value}.
 * `sizes` are those of plan(); `channel` is 0, 1, 2 or "grey".
 */
function explain(picture, layers, options, sizes, x, y, channel) {
  const depth = layers.length - 1;
  const layer = layers[depth];
  const [width, height] = sizes[depth];
  const input = inputsOf(picture, layers, options, sizes, channel);
  const taps = [...layer.weights].map((weight, tap) => {
    const { left, top, column, row } = tapAt(layer, options, sizes[depth], x, y, tap);
    const value = column < 0 || row < 0 ? 0 : input(column, row, depth);
    const outside = left < 0 || top < 0 || left >= width || top >= height;
    return { value, weight, cell: layer.cells[tap], x: left, y: top, outside };
  });
  const before = taps.reduce((sum, { value, weight }) => sum + value * weight, layer.bias);
  return { taps, before, value: layer.relu ? Math.max(0, before) : before };
}

/** The box [x, y, width, height] of the picture's pixels that the response at (x, y) depends on; it may stick out. */
function receptiveBox(layers, options, x, y) {
  let box = { x, y, side: 1 };
  for (const layer of layers.toReversed()) {
    const [left, top] = [box.x, box.y].map((at) => at * options.stride - beforeFirst(layer, options));
    box = { x: left, y: top, side: (box.side - 1) * options.stride + reachOf(layer, options) + 1 };
  }
  return [box.x, box.y, box.side, box.side];
}
