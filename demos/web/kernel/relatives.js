// Which of VGG-16's first filters a kernel is most like, as core.relatives has it. The server sends them once.

const RELATIVES = 5;
const COLOUR_LAYERS = 3;
const POSITIVE_SUM = 4; // of a loaded filter's weights: as Sobel's, so that the response stays in view

/** A filter of 27 numbers, red's nine first: with its length, and `grey`, the sum of its three colour layers. */
function prepared(numbers) {
  const grey = Array.from({ length: 9 }, (_, place) => numbers[place] + numbers[place + 9] + numbers[place + 18]);
  return { numbers, grey, length: Math.hypot(...numbers) };
}

/** The filters nearest to nine weights that are the same in every colour: [{index, cosine}], the nearest first. */
function nearestRelatives(weights, filters, whateverSign) {
  const own = Math.sqrt(COLOUR_LAYERS) * Math.hypot(...weights);
  const cosines = filters.map(({ grey, length }, index) =>
    ({ index, cosine: weights.reduce((sum, weight, place) => sum + weight * grey[place], 0) / (own * length) }));
  const alike = ({ cosine }) => (whateverSign ? Math.abs(cosine) : cosine);
  return cosines.sort((one, other) => alike(other) - alike(one)).slice(0, RELATIVES);
}

/** A filter as the grid can hold it: what it makes of a grey picture. */
function greyKernel(index, { grey }) {
  const positive = grey.reduce((sum, weight) => sum + Math.max(0, weight), 0);
  return { size: 3, cells: grey.map((weight) => Number(weight.toFixed(3))), divide: Math.max(1, Math.round(positive / POSITIVE_SUM)),
    title: text("relatives.name", { index }), shows: text("relatives.shows") };
}

/** Draws a filter in its colours: middle grey is zero. */
function paintFilter(canvas, { numbers }) {
  const most = Math.max(...numbers.map(Math.abs));
  const image = new ImageData(3, 3);
  for (let place = 0; place < 9; place++)
    for (let colour = 0; colour < 4; colour++)
      image.data[4 * place + colour] = colour < COLOUR_LAYERS ? 127.5 * (1 + numbers[9 * colour + place] / most) : 255;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** The five nearest as buttons; `take(kernel)` puts one into the grid, and `shrink()` makes the grid 3 x 3. */
function relativesPanel(root, take, shrink, changed) {
  let filters = null;
  let asking = false;
  let problem = null;
  let whateverSign = false;
  const sign = toggle(text("relatives.sign"), () => whateverSign, (value) => { whateverSign = value; changed(); });
  const smaller = plainButton(text("relatives.shrink"), shrink);
  const said = make("p", { class: "relatives-said", role: "status" });
  const tiles = Array.from({ length: RELATIVES }, () => {
    const canvas = make("canvas", { width: 3, height: 3, role: "img", "aria-label": text("relatives.title") });
    const cosine = make("span", {});
    const button = make("button", { type: "button", class: "relative",
      onclick: () => take(greyKernel(Number(button.dataset.index), filters[button.dataset.index])) }, canvas, cosine);
    return { button, canvas, cosine };
  });
  const row = make("div", { class: "relatives-row", role: "group", "aria-label": text("relatives.title") }, ...tiles.map(({ button }) => button));
  const caption = make("p", { class: "wk-caption" }, text("relatives.caption"));
  root.append(make("h4", {}, text("relatives.title")), make("p", { class: "wk-caption" }, text("relatives.hint")),
    row, sign.row, said, smaller, caption);

  async function fetchFilters() {
    asking = true;
    problem = null;
    const answer = await server.vgg_filters().catch(() => ({ problem: text("relatives.problem") }));
    filters = answer.filters?.map(prepared) ?? null;
    problem = answer.problem ?? null;
    asking = false;
    changed();
  }

  function show({ size, cells, divide }) {
    if (!filters && !asking && !problem) fetchFilters();
    const key = problem ? null : !filters ? "waiting" : size !== 3 ? "size" : cells.every((cell) => !cell) ? "zero" : "";
    write(said, problem ?? (key ? text(`relatives.${key}`, { size }) : ""));
    said.hidden = !problem && !key;
    smaller.hidden = key !== "size";
    row.hidden = sign.row.hidden = caption.hidden = !said.hidden;
    sign.show();
    if (row.hidden) return;
    nearestRelatives(cells.map((cell) => cell / divide), filters, whateverSign).forEach(({ index, cosine }, place) => {
      const { button, canvas, cosine: shown } = tiles[place];
      write(shown, number(cosine));
      const label = text("relatives.label", { index, cosine: number(cosine) });
      mark(canvas, "aria-label", text("relatives.name", { index }));
      mark(button, "aria-label", label);
      mark(button, "title", label);
      if (button.dataset.index === String(index)) return;
      button.dataset.index = index;
      paintFilter(canvas, filters[index]);
    });
  }
  return { show, again: () => { problem = null; } };
}
