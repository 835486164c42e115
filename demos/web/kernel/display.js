// How a response becomes colours, and the histogram that says what the colours mean.

const VIEWS = ["auto", "signed", "absolute", "offset", "picture", "stretched"];
const BINS = 100;

/** What flat areas are multiplied with. */
const brightnessOf = (layers) => layers.reduce((product, { weights }) => product * weights.reduce((sum, weight) => sum + weight, 0), 1);

/**
 * {view, reason, brightness}: signed where flat areas give nothing (edges, lines), else the plain picture (blur,
 * sharpen). In between it stays as it was, so that the picture does not jump while a number is dragged.
 */
function automaticView(layers, before) {
  const brightness = brightnessOf(layers);
  const chosen = (view, reason) => ({ view, reason: `${view}_${reason}`, brightness });
  if (!layers.some(({ weights }) => weights.some((weight) => weight < 0))) return chosen("picture", "positive");
  if (brightness > 0.95) return chosen("picture", "bright");
  if (brightness < -0.05) return chosen("signed", "below");
  return brightness < 0.05 ? chosen("signed", "flat") : chosen(before, "between");
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

/** Writes the colours of all responses (one plane, or red, green and blue) into 32-bit pixels. */
function paintPlanes(pixels, planes, look) {
  const [red, green = red, blue = red] = planes;
  if (look.signed && planes.length === 1) return paintSigned(pixels, red);
  const byte = (value) => Math.round(255 * clamp((look.absolute ? Math.abs(value) : value) * look.gain + look.offset, 0, 1));
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = planes.length === 1
      ? 0xff000000 | (byte(red[i]) * 0x10101)
      : 0xff000000 | (byte(blue[i]) << 16) | (byte(green[i]) << 8) | byte(red[i]);
}

const SIGNED_STEPS = 510;
const SIGNED_PIXELS = Uint32Array.from({ length: 2 * SIGNED_STEPS + 1 }, (_, i) => {
  const [red, green, blue] = diverging(i / SIGNED_STEPS - 1).map(Math.round);
  return 0xff000000 | (blue << 16) | (green << 8) | red;
});

function paintSigned(pixels, values) {
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = SIGNED_PIXELS[Math.round((clamp(values[i], -1, 1) + 1) * SIGNED_STEPS)];
}

/** The true range {low, high} of a response as read from a renderer. */
function rangeOf({ data, channels, stride }) {
  let low = Infinity;
  let high = -Infinity;
  for (let channel = 0; channel < channels; channel++)
    for (let i = channel; i < data.length; i += stride) {
      const value = data[i];
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return { low, high };
}

/** How often each value occurs from `from` to `to`, and the share that a look cannot show. */
function histogramOf({ data, channels, stride }, from, to, look) {
  const counts = new Uint32Array(BINS + 1);
  const scale = BINS / (to - from);
  const [low, high] = [look.low - 1e-5, look.high + 1e-5];
  let lost = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let i = channel; i < data.length; i += stride) {
      const value = data[i];
      counts[((value - from) * scale) | 0]++;
      if (value < low || value > high) lost++;
    }
  counts[BINS - 1] += counts[BINS];
  return { counts: counts.subarray(0, BINS), lost: lost / ((data.length / stride) * channels) };
}

/** Draws bars in the colours of the picture over a colour scale, zero marked. */
function drawLegend(canvas, counts, from, to, look) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio].map(Math.round);
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const style = getComputedStyle(element);
  const [quiet, warm, ink] = ["--wk-quiet", "--wk-warm", "--wk-ink"].map((name) => style.getPropertyValue(name));
  const scaleHeight = Math.round(12 * ratio);
  const room = height - scaleHeight - 2 * ratio;
  const most = Math.sqrt(Math.max(...counts));
  counts.forEach((count, bin) => {
    const left = Math.round((bin * width) / BINS);
    const wide = Math.round(((bin + 1) * width) / BINS) - left;
    const value = from + ((bin + 0.5) / BINS) * (to - from);
    const seen = value >= look.low && value <= look.high;
    const tall = count ? Math.max(ratio, (room * Math.sqrt(count)) / most) : 0;
    context.fillStyle = seen ? quiet : warm;
    context.fillRect(left, room - tall, Math.max(1, wide - ratio / 2), tall);
    context.fillStyle = `rgb(${colourOf([value], look).join(",")})`;
    context.fillRect(left, height - scaleHeight, wide, scaleHeight);
  });
  if (from < 0 && to > 0) {
    context.fillStyle = ink;
    context.fillRect(Math.round((-from / (to - from)) * width) - ratio / 2, 0, ratio, height);
  }
}
