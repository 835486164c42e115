// Values of a layer, from grey levels and statistics, and their colours.
// A sheet as Python sends it: {layer, image (data URI), columns, pitch, size, statistics: {min: [...], ...}}

const LEVELS = 255;  // colour steps on either side of zero

/** Colours of values from -1 to 1, as the 32-bit numbers that ImageData holds (little-endian ABGR). */
const COLOURS = Uint32Array.from({ length: 2 * LEVELS + 1 }, (_, i) => {
  const [red, green, blue] = diverging((i - LEVELS) / LEVELS).map(Math.round);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
});

/** The largest distance from zero that one channel's colours reach. */
function reach(statistics, channel, relu) {
  const top = statistics.max[channel];
  return relu ? Math.max(0, top) : Math.max(Math.abs(statistics.min[channel]), Math.abs(top));
}

/** What full colour stands for in each channel: its own reach, or that of the whole layer. */
function fullScales({ statistics }, relu, common) {
  const own = statistics.max.map((_, channel) => reach(statistics, channel, relu));
  return common ? own.fill(Math.max(...own)) : own;
}

/** The values in [-1, 1] of a channel's 256 grey levels. */
function levels({ statistics }, channel, relu, scale) {
  const low = statistics.min[channel], step = (statistics.max[channel] - low) / 255;
  return Float32Array.from({ length: 256 }, (_, grey) => {
    const value = low + grey * step;
    return scale > 0 ? clamp((relu ? Math.max(0, value) : value) / scale, -1, 1) : 0;
  });
}

const figureOf = (statistics, name, relu) =>
  statistics[relu && name + "_relu" in statistics ? name + "_relu" : name];

/** Channels in the order asked for: by number, or the largest first; `figures` are those that are no statistics of a sheet. */
function sorted({ statistics }, by, relu, figures) {
  const order = statistics.max.map((_, channel) => channel);
  figures ??= by === "index" ? null : figureOf(statistics, by, relu);
  return figures ? order.sort((a, b) => figures[b] - figures[a] || a - b) : order;
}

/** The channel that answers strongest anywhere. */
const strongest = ({ statistics }) => statistics.max.indexOf(Math.max(...statistics.max));

/** A figure with about three digits that count. */
const figure = (value) => number(value, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
