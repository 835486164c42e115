// The link of the live kernel: its settings as words, and back. Of what an address says nothing is taken that no control
// could be set to; the names of the rest are told.

const TAB = "kernels";
const MOST_WORD = 1200; // characters of one setting
const SIZES = { 9: 3, 25: 5, 49: 7 }; // by their number of cells
const PLAIN_NUMBER = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const LINK_PAUSE = 200; // milliseconds between two links while something is dragged
const FIRST_OPTIONS = { border: "replicate", stride: 1, dilation: 1, flip: false, relu: false, pool: false, colour: "auto", view: "auto" };
const CHOICES = {
  border: BORDERS, stride: [1, 2, 3], dilation: [1, 2, 3], flip: [false, true], relu: [false, true], pool: [false, true],
  colour: ["auto", "grey", "rgb"], view: VIEWS,
};

const optionWord = (value) => String(typeof value === "boolean" ? Number(value) : value);
const brief = (value) => String(Number(value.toPrecision(6)));
const nth = (name, place) => `${name}${place || ""}`; // kernel, kernel2, kernel3: the place of a lone or first one is 0

/** What a link to this state says; `photo` is the name of the sample, null for a picture of one's own. */
function settingsOf({ layers, active, options }, photo) {
  const told = {};
  layers.forEach((kernel, i) => {
    const place = i && i + 1, usual = kernel.name ? presetKernel(kernel.name) : { divide: 1, bias: 0 };
    told[nth("kernel", place)] = kernel.name ?? kernel.cells.map(brief).join("_");
    for (const name of ["divide", "bias"]) if (kernel[name] !== usual[name]) told[nth(name, place)] = brief(kernel[name]);
  });
  if (active) told.in_hand = active + 1;
  for (const [name, usual] of Object.entries(FIRST_OPTIONS)) if (options[name] !== usual) told[name] = optionWord(options[name]);
  return photo ? { ...told, photo } : told;
}

/** A number as a field of the page takes it; undefined for anything else. */
function plainNumber(word) {
  const value = PLAIN_NUMBER.test(word) ? Number(word) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** The kernel that a word names or spells; undefined when there is none like it. */
function kernelOf(word) {
  if (Object.hasOwn(props.presets, word)) return presetKernel(word);
  const cells = word.split("_").map(plainNumber), size = SIZES[cells.length];
  if (!size || cells.includes(undefined)) return undefined;
  const decimals = cells.every((cell) => Number(cell.toFixed(CELL_DECIMALS)) === cell) ? null : sensibleDecimals(cells);
  return { name: null, size, cells, decimals, divide: 1, bias: 0 };
}

/** The state that the words of a link ask for, and the names of those that no control allows. */
function stateOf(words) {
  const refused = [];
  const take = (name, read) => {
    if (!Object.hasOwn(words, name)) return undefined;
    const value = read(words[name].slice(0, MOST_WORD));
    if (value === undefined) refused.push(name);
    return value;
  };
  const layers = [];
  for (let i = 0; i < MOST_LAYERS; i++) {
    const place = i && i + 1, kernel = take(nth("kernel", place), kernelOf) ?? (i ? null : presetKernel(props.value.preset));
    if (!kernel) break;
    const divide = take(nth("divide", place), (word) => plainNumber(word) || undefined) ?? kernel.divide;
    layers.push({ ...kernel, divide, bias: take(nth("bias", place), plainNumber) ?? kernel.bias });
  }
  const among = (values) => (word) => values.find((value) => optionWord(value) === word);
  const options = Object.fromEntries(Object.entries(CHOICES).map(([name, values]) => [name, take(name, among(values)) ?? FIRST_OPTIONS[name]]));
  const active = (take("in_hand", among(layers.map((_, i) => i + 1))) ?? 1) - 1;
  const photo = take("photo", among([...props.photos, ...props.digits])) ?? props.value.name;
  return { layers, active, options, photo, refused };
}

/** Keeps the link up to date, and does what a link asks: `open(words)`. `sources` has and takes the sample. */
function linked(sources) {
  let refused = [], timer = 0;
  const tell = () => {
    timer = 0;
    const photo = sources.sample();
    tellLink(TAB, { settings: settingsOf(state, photo), own: !photo, refused });
  };
  const show = () => { timer ||= setTimeout(tell, LINK_PAUSE); };
  const open = (words) => {
    const { layers, active, options, photo, refused: names } = stateOf(words);
    refused = names;
    Object.assign(state.options, options);
    replace(layers, active);
    sources.useSample(photo);
  };
  document.addEventListener("wk-anew", (event) => event.detail.tab === TAB && open({}));
  return { show, open };
}
