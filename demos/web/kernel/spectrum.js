// Which waves a kernel lets through: its discrete-time Fourier transform, the frequencies from -π to π both ways.

const SPECTRUM_SIDE = 65; // odd: zero frequency has the pixel in the middle
const MIDDLE = (SPECTRUM_SIDE - 1) / 2; // also the steps from zero frequency to π

// Where waves run, as steps on the map; each but one has its perpendicular beside it
const DIRECTIONS = { right: [1, 0], down: [0, 1], rising: [1, -1], falling: [1, 1] };
const PERPENDICULAR = { right: "down", down: "right", rising: "falling", falling: "rising" };
// As fractions of the strongest wave
const GONE = 0.1, HARDLY = 0.05, FAINT = 0.6, WHOLE = 0.95;

const frequencyAt = (place) => ((place - MIDDLE) / MIDDLE) * Math.PI;

/** How long a wave at a place of the map is, in pixels from crest to crest; Infinity for none. */
const wavelengthAt = (x, y) => (2 * Math.PI) / Math.hypot(frequencyAt(x), frequencyAt(y));

/**
 * What size x size weights make of every wave: {real, imaginary, gain, most}, the first three row by row, down from
 * -π to π. The kernel is correlated, so the wave exp(i(ux + vy)) comes out times the sum of weight exp(i(ux + vy)).
 */
function spectrumOf(weights, size) {
  const count = SPECTRUM_SIDE ** 2;
  const [real, imaginary, gain] = [0, 0, 0].map(() => new Float64Array(count));
  const shift = (size - 1) / 2;
  const turn = Array.from({ length: SPECTRUM_SIDE }, (_, place) => Array.from({ length: size }, (_, tap) => {
    const angle = frequencyAt(place) * (tap - shift);
    return [Math.cos(angle), Math.sin(angle)];
  }));
  for (let x = 0; x < SPECTRUM_SIDE; x++) {
    const lines = Array.from({ length: size }, (_, line) => turn[x].reduce(([a, b], [cosine, sine], tap) => {
      const weight = weights[line * size + tap];
      return [a + weight * cosine, b + weight * sine];
    }, [0, 0]));
    for (let y = 0; y < SPECTRUM_SIDE; y++) {
      const at = y * SPECTRUM_SIDE + x;
      for (let line = 0; line < size; line++) {
        const [a, b] = lines[line], [cosine, sine] = turn[y][line];
        real[at] += a * cosine - b * sine;
        imaginary[at] += a * sine + b * cosine;
      }
      gain[at] = Math.hypot(real[at], imaginary[at]);
    }
  }
  return { real, imaginary, gain, most: gain.reduce((most, one) => Math.max(most, one), 0) };
}

/** The place {x, y} of the strongest wave, on the right half of the map: the left one mirrors it. */
function strongestWave({ gain, most }) {
  for (let x = MIDDLE; x < SPECTRUM_SIDE; x++)
    for (let y = 0; y < SPECTRUM_SIDE; y++) if (gain[y * SPECTRUM_SIDE + x] >= most * (1 - 1e-9)) return { x, y };
  return { x: MIDDLE, y: MIDDLE };
}

/** The wave to show first: the strongest, or where that is no wave but flat, one of four pixels. */
function tellingWave(spectrum) {
  const { x, y } = strongestWave(spectrum);
  return x === MIDDLE && y === MIDDLE ? { x: MIDDLE + MIDDLE / 2, y } : { x, y };
}

/** Of the waves that run one way: {most, fast}, the largest gain and the mean of the faster half. */
function profileOf(gain, [dx, dy]) {
  const last = dx && dy ? 0.75 * MIDDLE : MIDDLE; // further out, both diagonals tend to the same corner
  const gains = Array.from({ length: last }, (_, step) => gain[(MIDDLE + dy * (step + 1)) * SPECTRUM_SIDE + MIDDLE + dx * (step + 1)]);
  const faster = gains.slice(last / 2);
  return { most: Math.max(...gains), fast: faster.reduce((sum, one) => sum + one, 0) / faster.length };
}

/** What there is to say of a kernel by its spectrum: {key, direction, pixels} of the sentences `waves.natures`. */
function natureOf(spectrum) {
  const { gain, most } = spectrum;
  if (most < 1e-9) return { key: "nothing" };
  if (Math.min(...gain) > WHOLE * most) return { key: "all" };
  const profiles = Object.fromEntries(Object.entries(DIRECTIONS).map(([name, step]) => [name, profileOf(gain, step)]));
  const names = Object.keys(profiles);
  const best = (measure) => names.reduce((one, other) => (profiles[other][measure] > profiles[one][measure] * 1.001 ? other : one));
  const flat = gain[MIDDLE * SPECTRUM_SIDE + MIDDLE] / most;
  if (flat > WHOLE) {
    const fastest = best("fast");
    if (profiles[fastest].fast > WHOLE * most) return { key: "blur_except", direction: fastest };
    const mean = names.reduce((sum, name) => sum + profiles[name].fast, 0) / names.length;
    return { key: mean < FAINT * most ? "blur" : "slow" };
  }
  const direction = best("most");
  const { x, y } = strongestWave(spectrum);
  const pixels = wavelengthAt(x, y);
  const kind = flat >= HARDLY ? "boost" : pixels < 2.3 ? "fine" : "middle";
  const across = profiles[PERPENDICULAR[direction]].most / profiles[direction].most;
  return { key: kind + (across < GONE && kind !== "boost" ? "_only" : across < FAINT ? "_mostly" : ""), direction, pixels };
}
