// Up to three kernels in a row, and the single kernel that they amount to.

const MOST_LAYERS = 3;

/** A kernel {cells, size} as rows. */
const rowsOf = ({ cells, size }) => Array.from({ length: size }, (_, row) => cells.slice(row * size, (row + 1) * size));

/**
 * The kernel that linear layers amount to away from the border: {cells, size, divide, bias, stride}.
 * Weight a of one layer and b of the next meet the pixel at a * dilation + b * dilation * stride.
 */
function composed(layers, { stride, dilation }) {
  let total = { cells: [1], size: 1, divide: 1, bias: 0, stride: 1 };
  for (const layer of layers) {
    const step = dilation * total.stride;
    const size = total.size + step * (layer.size - 1);
    const cells = new Array(size * size).fill(0);
    total.cells.forEach((first, i) => layer.cells.forEach((second, j) => {
      const row = Math.floor(i / total.size) + step * Math.floor(j / layer.size);
      const column = (i % total.size) + step * (j % layer.size);
      cells[row * size + column] += first * second;
    }));
    const sum = layer.cells.reduce((whole, cell) => whole + cell, 0) / layer.divide;
    total = { cells, size, divide: total.divide * layer.divide, bias: total.bias * sum + layer.bias, stride: total.stride * stride };
  }
  return total;
}

/** Whether a kernel is a column times a row. */
function separable({ cells, size }) {
  const pivot = cells.reduce((best, cell, place) => (Math.abs(cell) > Math.abs(cells[best]) ? place : best), 0);
  if (!cells[pivot]) return false;
  const [row, column] = [Math.floor(pivot / size), pivot % size];
  return cells.every((cell, place) => {
    const product = cells[Math.floor(place / size) * size + column] * cells[row * size + (place % size)];
    return Math.abs(cell * cells[pivot] - product) <= 1e-6 * cells[pivot] ** 2;
  });
}

/** What there is to say about the kernels in a row: sentences, and the single kernel if there is one. */
function verdictOf(layers, options) {
  const single = layers.length > 1 && !options.relu ? composed(layers, options) : null;
  const plain = options.stride === 1 && options.dilation === 1;
  const used = layers.reduce((sum, layer) => sum + layer.size ** 2, 0);
  const said = [];
  if (layers.length > 1 && options.relu) said.push(text("stack.relu"));
  if (single) said.push(text("stack.same", { count: layers.length, size: single.size }));
  if (single && plain) said.push(text("stack.cost", { used, alone: single.size ** 2 }));
  const judged = single ?? layers.at(-1);
  if (layers.length === 1 || (single && plain))
    said.push(text(separable(judged) ? "stack.separable" : "stack.inseparable", { two: 2 * judged.size, all: judged.size ** 2 }));
  return { said, single };
}

/** The row of kernels; `replace(layers, active)` changes them. */
function stackPanel(root, replace) {
  const row = make("div", { class: "chain" });
  const words = make("div", { class: "chain-words" });
  root.append(row, words);

  const card = (kernel, place, active, layers) => make("div", { class: "chain-kernel" },
    make("button", { type: "button", class: "preset", "aria-pressed": String(place === active), "aria-label": text("stack.edit", { place: place + 1 }),
      onclick: () => replace(layers, place) }, kernelIcon(rowsOf(kernel)), make("span", {}, named(kernel))),
    layers.length > 1 && make("button", { type: "button", class: "chain-remove", "aria-label": text("stack.remove", { place: place + 1 }),
      title: text("stack.remove", { place: place + 1 }), onclick: () => replace(layers.toSpliced(place, 1), 0) }, "\u00d7") || null);

  return (kernels, active, layers, options) => {
    const { said, single } = verdictOf(layers, options);
    const arrow = () => make("span", { class: "sign", "aria-hidden": "true" }, "\u2192");
    const cards = kernels.flatMap((kernel, place) => [...(place ? [arrow()] : []), card(kernel, place, active, kernels)]);
    const add = kernels.length < MOST_LAYERS
      ? [plainButton(text("stack.add"), () => replace([...kernels, kernels.at(-1)], kernels.length))] : [];
    const whole = single ? [make("span", { class: "sign", "aria-hidden": "true" }, "="),
      make("div", { class: "chain-whole" }, kernelIcon(rowsOf(single)), make("span", {}, `${single.size} \u00d7 ${single.size}`))] : [];
    row.replaceChildren(...cards, ...add, ...whole);
    const { stride, ...kernel } = single ?? {};
    const usable = single && single.size <= 7 && stride === 1 && options.dilation === 1;
    words.replaceChildren(...said.map((sentence) => make("p", {}, sentence)),
      ...(usable ? [plainButton(text("stack.use"), () => replace([{ ...kernel, name: null }], 0))] : []));
  };
}
