// How a response becomes colours, and the histogram that says what the colours mean.

const VIEWS = ["auto", "signed", "absolute", "offset", "picture", "stretched"];
const BINS = 100;

/** Auto: signed where flat areas give nothing (edges, lines); else the plain picture (blur, sharpen). */
function chosenView(view, kernel) {
  if (view !== "auto") return view;
  const sum = kernel.cells.reduce((total, cell) => total + cell, 0) / kernel.divide;
  return kernel.cells.some((cell) => cell / kernel.divide < 0) && sum < 0.5 ? "signed" : "picture";
}

/** What is done to a response before it is shown, and the values {low, high} that it can show. */
function lookOf(view, { low, high }) {
  const span = high - low || 1;
  const looks = {
    signed: { gain: 1, offset: 0, low: -1, high: 1, signed: true },
    absolute: { gain: 1, offset: 0, low: -1, high: 1, absolute: true },
    offset: { gain: 1, offset: 128 / 255, low: -128 / 255, high: 127 / 255 },
    picture: { gain: 1, offset: 0, low: 0, high: 1 },
    stretched: { gain: 1 / span, offset: -low / span, low, high: low + span },
  };
  return { signed: false, absolute: false, ...looks[view] };
}

/** The colour (0 to 255) in which the values of a pixel's channels are shown. */
function colourOf(values, look) {
  const shown = values.map((value) => (look.absolute ? Math.abs(value) : value) * look.gain + look.offset);
  if (look.signed && shown.length === 1) return diverging(shown[0]);
  const bytes = shown.map((value) => 255 * clamp(value, 0, 1));
  return bytes.length === 1 ? [bytes[0], bytes[0], bytes[0]] : bytes;
}

/** The same for many pixels: a function of a value and a channel that gives its byte. */
function colourTable(look, channels) {
  if (!look.signed || channels > 1) {
    const { gain, offset } = look;
    return (value) => 255 * ((look.absolute ? Math.abs(value) : value) * gain + offset);
  }
  const steps = 510;
  const table = Array.from({ length: 2 * steps + 1 }, (_, i) => diverging(i / steps - 1));
  return (value, channel) => table[Math.round((clamp(value, -1, 1) + 1) * steps)][channel];
}

/** The true range {low, high} of a response as read from a renderer. */
function rangeOf({ data, channels, stride }) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i += stride)
    for (let channel = 0; channel < channels; channel++) {
      const value = data[i + channel];
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return { low, high };
}

/** How often each value occurs from `from` to `to`, and the share that a look cannot show. */
function histogramOf({ data, channels, stride }, from, to, look) {
  const counts = new Uint32Array(BINS);
  const scale = BINS / (to - from);
  let lost = 0;
  for (let i = 0; i < data.length; i += stride)
    for (let channel = 0; channel < channels; channel++) {
      const value = data[i + channel];
      counts[Math.min(BINS - 1, Math.floor((value - from) * scale))]++;
      if (value < look.low - 1e-5 || value > look.high + 1e-5) lost++;
    }
  return { counts, lost: lost / ((data.length / stride) * channels) };
}

/** Draws bars in the colours of the picture over a colour scale, zero marked. */
function drawLegend(canvas, counts, from, to, look) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio].map(Math.round);
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const style = getComputedStyle(element);
  const scaleHeight = Math.round(12 * ratio);
  const room = height - scaleHeight - 2 * ratio;
  const most = Math.sqrt(Math.max(...counts));
  counts.forEach((count, bin) => {
    const left = Math.round((bin * width) / BINS);
    const wide = Math.round(((bin + 1) * width) / BINS) - left;
    const value = from + ((bin + 0.5) / BINS) * (to - from);
    const seen = value >= look.low && value <= look.high;
    const tall = count ? Math.max(ratio, (room * Math.sqrt(count)) / most) : 0;
    context.fillStyle = style.getPropertyValue(seen ? "--wk-quiet" : "--wk-warm");
    context.fillRect(left, room - tall, Math.max(1, wide - ratio / 2), tall);
    context.fillStyle = `rgb(${colourOf([value], look).join(",")})`;
    context.fillRect(left, height - scaleHeight, wide, scaleHeight);
  });
  if (from < 0 && to > 0) {
    context.fillStyle = style.getPropertyValue("--wk-ink");
    context.fillRect(Math.round((-from / (to - from)) * width) - ratio / 2, 0, ratio, height);
  }
}
