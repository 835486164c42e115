// The grid of numbers: type, drag, or use the arrow keys. Also the number fields beside it.

const DRAG_START = 3; // pixels before a press becomes a drag
const DRAG_STEP = 4; // pixels for one step of a dragged number

/** What a person typed: "-1", "−1", "0,5" or "1/9"; NaN when it is no number. */
function parseNumber(typed) {
  const parts = typed.trim().replaceAll("\u2212", "-").replaceAll(",", ".").split("/");
  if (parts.length > 2 || parts.some((part) => part.trim() === "")) return NaN;
  const [above, below = 1] = parts.map(Number);
  return Number.isFinite(above / below) ? above / below : NaN;
}

/** A number without needless zeros. */
const short = (value, decimals = 2) =>
  number(value, decimals).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

const CELL_DECIMALS = 3; // most that a kernel's own numbers are shown with

/** How many decimals make two digits of the largest number of a kernel that nobody typed. */
const sensibleDecimals = (cells) => clamp(1 - Math.floor(Math.log10(Math.max(...cells.map(Math.abs)) || 1)), 2, 6);

/**
 * An input that is typed in, dragged sideways or up and down, and stepped with the arrow keys (Shift: ten times).
 * `get()` and `set(value, gesture)` reach the value; calls of one gesture are undone together.
 */
function numberInput({ label, get, set, step = 0.1, decimals = () => CELL_DECIMALS }) {
  const input = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": label, class: "number" });
  let gesture = null; // one for each stay in the field
  const show = () => { if (document.activeElement !== input || !input.dirty) input.value = short(get(), decimals()); };
  const move = (from, steps, gesture) => {
    input.dirty = false;
    set(Number((Math.round((from + steps * step) / step) * step).toFixed(6)), gesture);
    show();
  };
  input.addEventListener("input", () => {
    input.dirty = true;
    const value = parseNumber(input.value);
    if (Number.isFinite(value)) set(value, gesture);
  });
  input.addEventListener("blur", () => { input.dirty = false; show(); });
  input.addEventListener("focus", () => { gesture = Symbol("typing"); input.select(); });
  input.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    move(get(), direction * (event.shiftKey ? 10 : 1), gesture);
  });
  draggable(input, get, move);
  return Object.assign(input, { show });
}

function draggable(input, get, move) {
  let start = null;
  input.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    start = { x: event.clientX, y: event.clientY, value: get(), gesture: Symbol("drag"), moved: false };
    input.setPointerCapture(event.pointerId);
    if (document.activeElement !== input) event.preventDefault();
  });
  input.addEventListener("pointermove", (event) => {
    if (!start) return;
    const distance = event.clientX - start.x - (event.clientY - start.y);
    if (!start.moved && Math.abs(distance) < DRAG_START) return;
    start.moved = true;
    input.classList.add("dragged");
    move(start.value, Math.round(distance / DRAG_STEP), start.gesture);
  });
  const end = () => {
    if (start && !start.moved) input.focus();
    start = null;
    input.classList.remove("dragged");
  };
  input.addEventListener("pointerup", end);
  input.addEventListener("pointercancel", end);
}

/** Gives a cell a ground (0 to 255) and ink that can be read on it. */
function paint(cell, ground) {
  cell.style.background = `rgb(${ground.map(Math.round)})`;
  cell.style.color = inkOn(ground);
}

/** The grid for `kernel()`; `edit(change, gesture)` replaces parts of it. */
function kernelGrid(root, kernel, edit) {
  let inputs = [];
  const build = () => {
    const { size } = kernel();
    inputs = kernel().cells.map((_, place) => numberInput({
      label: text("cell", { row: Math.floor(place / size) + 1, column: (place % size) + 1 }),
      get: () => kernel().cells[place],
      decimals: () => kernel().decimals ?? CELL_DECIMALS,
      set: (value, gesture) => edit({ cells: kernel().cells.with(place, value) }, gesture),
    }));
    root.replaceChildren(...inputs);
    root.style.setProperty("--size", size);
  };
  return () => {
    const { cells } = kernel();
    if (inputs.length !== cells.length) build();
    const most = Math.max(...cells.map(Math.abs));
    inputs.forEach((input, place) => { input.show(); paint(input, diverging(cells[place] / (most || 1))); });
  };
}

/** A kernel's picture, for its button. */
function kernelIcon(cells) {
  const size = cells.length;
  const most = Math.max(...cells.flat().map(Math.abs)) || 1;
  const squares = cells.flatMap((row, y) => row.map((cell, x) =>
    make("rect", { x, y, width: 1.02, height: 1.02, fill: `rgb(${diverging(cell / most).map(Math.round)})` })));
  return make("svg", { viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true", "shape-rendering": "crispEdges" }, ...squares);
}

/** The kernel in a grid of another size: padded with zeros or cropped, its centre kept. */
function resized({ cells, size }, wanted) {
  const shift = (wanted - size) / 2;
  return Array.from({ length: wanted * wanted }, (_, place) => {
    const [row, column] = [Math.floor(place / wanted) - shift, (place % wanted) - shift];
    return row < 0 || column < 0 || row >= size || column >= size ? 0 : cells[row * size + column];
  });
}
