// Convolution on the processor: what the canvas fallback draws with, and the arithmetic that the inspector shows.
// Same rules as core.kernels.convolve. A layer is {size, weights, bias, relu}; options are {border, stride, dilation}.

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
  for (let at = 0; at < count; at++)
    for (let tap = 0; tap < layer.size; tap++) {
      const from = at * options.stride + tap * options.dilation - beforeFirst(layer, options);
      table[at * layer.size + tap] = BEYOND[options.border](from, length);
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
  for (let y = 0; y < height; y++)
    for (let tap = 0; tap < layer.size * layer.size; tap++) {
      const weight = layer.weights[tap];
      const row = rows[y * layer.size + Math.floor(tap / layer.size)];
      if (weight === 0 || row < 0) continue;
      addRow(data, y * width, width, plane.data, row * plane.width, columns, tap % layer.size, layer.size, weight);
    }
  if (layer.relu) for (let i = 0; i < data.length; i++) if (data[i] < 0) data[i] = 0;
  return { width, height, data };
}

function addRow(data, start, width, pixels, row, columns, tap, size, weight) {
  for (let x = 0; x < width; x++) {
    const column = columns[x * size + tap];
    if (column >= 0) data[start + x] += weight * pixels[row + column];
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
  for (let i = 0, byte = 0; i < count; i++, byte += 4)
    if (grey) planes[0][i] = (GREY[0] * data[byte] + GREY[1] * data[byte + 1] + GREY[2] * data[byte + 2]) / 255;
    else for (let channel = 0; channel < 3; channel++) planes[channel][i] = data[byte + channel] / 255;
  return planes.map((plane) => ({ width: picture.width, height: picture.height, data: plane }));
}

/** One pixel of one channel in [0, 1]; `channel` is 0, 1, 2 or "grey". */
function pixelOf(picture, x, y, channel) {
  const at = 4 * (y * picture.width + x);
  const [red, green, blue] = picture.data.subarray(at, at + 3);
  if (channel !== "grey") return [red, green, blue][channel] / 255;
  return (GREY[0] * red + GREY[1] * green + GREY[2] * blue) / 255;
}

/**
 * The arithmetic of one response: {taps: [{value, weight, product, x, y, outside}], sum, before, value}.
 * `sizes` are those of plan(); for layer n the values read are themselves responses of layer n - 1.
 */
function explain(picture, layers, options, sizes, x, y, channel, last = layers.length - 1) {
  const layer = layers[last];
  const [width, height] = sizes[last];
  const read = (column, row) => last
    ? explain(picture, layers, options, sizes, column, row, channel, last - 1).value
    : pixelOf(picture, column, row, channel);
  const start = beforeFirst(layer, options);
  const taps = [...layer.weights].map((weight, tap) => {
    const left = x * options.stride - start + (tap % layer.size) * options.dilation;
    const top = y * options.stride - start + Math.floor(tap / layer.size) * options.dilation;
    const column = BEYOND[options.border](left, width);
    const row = BEYOND[options.border](top, height);
    const outside = left < 0 || top < 0 || left >= width || top >= height;
    const value = column < 0 || row < 0 ? 0 : read(column, row);
    return { value, weight, product: value * weight, x: left, y: top, outside };
  });
  const before = taps.reduce((sum, tap) => sum + tap.product, 0) + layer.bias;
  return { taps, before, value: layer.relu ? Math.max(0, before) : before };
}
